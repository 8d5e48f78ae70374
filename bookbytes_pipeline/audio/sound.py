"""Sound as a sequence of frames: decoded from a file, passed through FFmpeg's filters."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from io import BytesIO
from itertools import chain

import av
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.filter import Graph
from av.packet import Packet

from bookbytes_pipeline.domain.errors import UnusableAnswer

CONTAINERS = "mp3,wav,flac,ogg,aac,mov,matroska,aiff"
"""What speech comes in. FFmpeg would also take a playlist for audio, and fetch the addresses it names."""

MAX_SPEECH_S = 3600.0
"""A few bytes can decode to days of silence; no chapter's summary takes an hour to speak."""

MAX_DAMAGED_PACKETS = 5
"""A fortieth of a second each: fewer are hardly heard, and whether words are missing is for the speech gate to find."""

BATCH_SAMPLES = 16_384
"""Given to the filters before reading what came out: reading in vain, forty times a second, costs time."""

Filter = tuple[str, str]
"""The name of an FFmpeg filter and its arguments."""

RATES = (22050, 24000)
"""Hz. What voices speak at; any other rate is brought to the last of these, which carries all of speech."""

LARGE_FRAMES: Filter = ("asetnsamples", f"{BATCH_SAMPLES}:p=0")
"""Less than a second each: later passes handle an eighth of the frames, and threads hinder each other less."""


@contextmanager
def decodable() -> Iterator[None]:
    """Decode within this block: whatever FFmpeg cannot read is raised as `UnusableAnswer`."""
    try:
        yield
    except (av.FFmpegError, LookupError, ValueError, StopIteration) as error:
        raise UnusableAnswer("The speech cannot be decoded as audio. Run the book again.") from error


def speech_rate(rate: int) -> int:
    """Return the sample rate, in Hz, that speech recorded at `rate` is kept at."""
    return rate if rate in RATES else RATES[-1]


def decoded(audio: bytes) -> Iterator[AudioFrame]:
    """The sound of an audio file, frame by frame; raises `UnusableAnswer` after an hour of it."""
    seconds, damaged = 0.0, 0
    with av.open(BytesIO(audio), "r", options={"format_whitelist": CONTAINERS}, metadata_errors="ignore") as container:
        for packet in container.demux(container.streams.audio[0]):
            frames = _frames(packet)
            damaged += frames is None
            if damaged > MAX_DAMAGED_PACKETS:
                raise UnusableAnswer("The speech is damaged in many places. Run the book again.")
            for frame in frames or ():
                seconds += frame.samples / frame.sample_rate
                if seconds > MAX_SPEECH_S:
                    raise UnusableAnswer("The speech is longer than an hour. Summaries must be shorter.")
                yield frame


def through(frames: Iterable[AudioFrame], *filters: Filter) -> Iterator[AudioFrame]:
    """What comes out when `frames`, all of one format, pass these filters in turn."""
    frames = iter(frames)
    first = next(frames)
    graph = _graph(first, filters)
    given = 0
    for frame in chain([first], frames):
        graph.push(frame)
        given += frame.samples
        if given >= BATCH_SAMPLES:
            yield from _ready(graph)
            given = 0
    graph.push(None)
    yield from _ready(graph)


def seconds_of(sound: Sequence[AudioFrame]) -> float:
    """Return how long it lasts."""
    return sum(frame.samples for frame in sound) / sound[0].sample_rate


def _frames(packet: "Packet[AudioStream]") -> list[AudioFrame] | None:
    """The frames in a packet; None where it is damaged."""
    try:
        return packet.decode()
    except av.error.InvalidDataError:
        # Where MP3 streams are joined end to end, the tag of the next one arrives as if it were sound.
        return [] if bytes(packet).startswith(b"ID3") else None


def _graph(first: AudioFrame, filters: Iterable[Filter]) -> Graph:
    graph = Graph()
    source = graph.add_abuffer(
        sample_rate=first.sample_rate,
        format=first.format.name,
        layout=first.layout.name,
        time_base=first.time_base,
    )
    steps = [graph.add(name, arguments) for name, arguments in filters]
    graph.link_nodes(source, *steps, graph.add("abuffersink")).configure()
    return graph


def _ready(graph: Graph) -> Iterator[AudioFrame]:
    while True:
        try:
            frame = graph.pull()
        except (BlockingIOError, EOFError):
            return
        if isinstance(frame, AudioFrame):
            yield frame

"""The words with which sentences point at other sentences, at their chapter and at its pictures, language by language.

Sentences of other languages are taken as they are. In doubt a word is in its table: a sentence that is thought to lean
on another merely brings it along, while one that does and stands alone is lost on a listener.
"""

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ReferenceWords:
    """The words of one language."""

    backward: frozenset[str]
    """At the start of a sentence, up to its first word with a meaning, they make it lean on the one before."""

    plural: frozenset[str]
    """Those of them that stand for several: they lean wherever they are, without a plural before them."""

    light: frozenset[str]
    """Words without a meaning of their own, which a sentence may have before its first word with one."""

    indefinite: frozenset[str]
    """Articles that introduce something."""

    definite: frozenset[str]
    """Articles of something that has been introduced."""

    leaning: re.Pattern[str]
    """What makes a sentence lean on the one before, wherever it stands."""

    personal: frozenset[str]
    """Pronouns. In its first clause, they make a sentence lean on the one before unless it opens a paragraph."""

    continuing: re.Pattern[str]
    """The opening of a sentence that goes on counting or comparing, unless it opens a paragraph."""

    announcement: re.Pattern[str]
    """What announces the sentences after it."""

    own_pages: re.Pattern[str]
    """What speaks of the chapter, the book or its pictures instead of its subject."""


def _words(words: str) -> frozenset[str]:
    return frozenset(words.split())


def _any_of(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(patterns) or r"(?!)", re.IGNORECASE)


_ENGLISH = ReferenceWords(
    backward=_words(
        "he she it they him her them his hers its their theirs this that these those such here another others both but "
        "yet and or nor however thus therefore hence thence so then still also moreover besides otherwise instead "
        "meanwhile again now soon too next indeed likewise similarly nevertheless nonetheless conversely consequently "
        "accordingly furthermore afterwards later finally lastly secondly thirdly neither either"
    ),
    plural=_words("they them their theirs"),
    light=_words(
        "a an the in on at of to for from with by as after before since until till while when where whenever "
        "wherever if unless though although because once even only just during under over through throughout without "
        "within between among against upon into about not all some each every most many much more few no was were is "
        "are had has have did do does would could should may might must will can what which who whose how why there "
        "than whether perhaps"
    ),
    indefinite=_words("a an"),
    definite=_words("the"),
    leaning=_any_of(
        r"\b(?:this|these)\b(?! (?:world|life|country|morning|evening|century|day)\b)",
        r"\bsuch\b(?! as\b| an? [^,;]* (?:as|that)\b| that\b)",
        r"\b(?:at|on|from|by|after|before|since|until|of|for|with|upon|into|under|through) that\b",
        r"\bin that\b(?! (?:he|she|it|they|the|an?|we|i|you)\b)",
        r"\b(?:at|in|on|from|by|of|to|for|with) (?:that|those)"
        r"(?: (?:times?|years?|days?|moments?|points?|ways?|kinds?|sorts?|cases?|places?|respects?|reasons?)\b|[.,;])",
        # an example of what was said before, unless it says of what
        r"\b(?:the (?:best|clearest|oldest|only)|another|one|an?|a good) (?:example|exception|instance)[.;,]",
        # what counts or compares things that were named before
        r"\bthe (?:second|third|fourth|fifth|other|former|latter|same|others|rest|remaining)\b"
        r"(?! (?:half|part|world war|century|hour|day|week|month|year|time|of the|end|side) ?)",
        r"\bthe first(?:[.,;:]| (?:is|was|had|has|kind|sort|type|one|of them)\b)",
        r"^the (?:first|last) \w+[^s\W]s(?:[.,;]| (?:an?|the|no|its|it|only|that|all|what|how|to|more|less|on|in|"
        r"by)\b)",
        r"\bboth\b (?:of them|kinds?|sorts?|types?|ways|methods|parts|sides|cases)\b",
        r"\b(?:half|some|most|many|none|all|one|two|three|each|either|neither|any|few|several) of (?:them|those)\b",
        r"^(?:\W*\w+\W+){0,4}(?:an?|the|each|every|no|another) (?:\w+ )?ones?\b(?! of| who| that| which| can| could|"
        r" must)",
        r"^(?:one|some|few|many|most|none|each|two|three|four|half|all|several|others) (?:of these|of them|is|was|"
        r"are|were|had|has|have|would|could|did|does|do|may|might|must|will)\b",
        r"^(?:\w+ ){0,2}(?:bigger|smaller|larger|better|worse|older|younger|newer) ones?\b",
        r"^the (?:newer|older|larger|smaller|bigger|better|worse|earlier|later|weaker|stronger|simpler|greater|longer|"
        r"shorter|faster|slower|cheaper|finer|kinder|two|three|four) \w+",
        r"^(?!there)\w+ there\b(?! (?:is|are|was|were))",
        # words that connect a sentence with the one before
        r"^(?:first|second|third|fourth|yes|no|well|of course|for example|for instance|on the other hand|"
        r"on the contrary|in other words|as a result|in addition|by contrast|in contrast|at the same time|"
        r"in the same way|after all|above all|in short|in fact|in consequence|in particular|in the end|"
        r"put another way|to begin with),",
        r"^(?:even (?:so|then|now)|as a result|on the other hand|at (?:first|last|once|length)|years later|not so|"
        r"not only|a (?:day|week|month|year|century|decade|moment) later)\b",
        r", (?:however|therefore|nevertheless|nonetheless|moreover|furthermore|consequently|accordingly|conversely|"
        r"then|too|also|likewise|in turn|for example|for instance|in other words|on the other hand|on the contrary),",
        r"^(?:\w+ ){1,3}(?:too|also|therefore|nevertheless|thereby|likewise|accordingly|thus|then)\b",
        r"^(?:\w+ ){1,5}here\b",
        r"\b(?:therefore|nevertheless|anyway|elsewhere|otherwise|too|instead|as well)[.;]",
        r"\btherefore\b",
        # nouns that sum up what was said
        r"^an? (?:improvement|change|difference|distinction|result|success|failure|loss|gain) (?:of|that|like)\b",
        r"^(?:the|one|another) (?:\w+ )?(?:results?|answers?|reasons?|difference|remedy|change|problem|trouble|effect|"
        r"consequences?|solution|explanation|conclusion|contrast|exception|idea|point|trick|question|latter|former|"
        r"process|distinction|lesson|sum|rest|comparison|example|story|machine|method|theory)(?: \w+ed| is| was| are|"
        r" were| lies| lay| had| has| came| comes| would| could| may)\b",
        # something that happened to somebody named before
        r"^(?:in|on|at|from|with|by|after|before|during|for|under|through|until|within|without|between|since|to|of|"
        r"over|according to)\b(?:[^,;:]* |[^;:]*, )(?:he|she|it|they) ",
        r"^(?:in|on|at|from|with|by|after|before|during|for|under|through|until|within|without|between|since|to|of|"
        r"over|according to)\b[^;:]*, (?:his|her|its|their) ",
        r"\b(?:one|no|any|some) others?\b(?! than)",
        r"^(?:(?:in|on|at|by|from|for|with|during|after|before) (?:\w+ ){1,4})?\w+s \w+ (?:to \w+ )?them\b",
        r"\bthat (?:small|large|old|great|little|same|very) ",
    ),
    personal=_words("he she it him her his hers its"),
    continuing=_any_of(
        r"(?:two|three|four|five|six|seven|eight|nine|ten|twelve|several|some|a few|many) \w+",
        r"an? (?:\w+ )?(?:newer|older|larger|smaller|bigger|better|worse|earlier|later|weaker|stronger|simpler|"
        r"greater|longer|shorter|faster|slower|cheaper|finer|kinder|deeper|higher|lower|further|second|third|more) \w+",
        r"an? \w+ would (?:not )?have\b",
        r"(?:if|when|as|once|because) the \w+",
        r"(?:all|what) (?:we|they) ",
        r"(?:though|although|when|where|while|if|as)\b(?:[^,;:]* |[^;:]*, )(?:he|she|it|they|his|her|its|their) ",
        r".*\bthose\b(?! (?:\w+ ){0,2}(?:who|whom|whose|of|that|which|in|with)\b)",
        r"the (?!(?:\w+ ){1,2}(?:of|that|who|which|whose|in|on|for|from|to|at|with|between)\b|\w+est\b|first|best|"
        r"most)",
    ),
    announcement=_any_of(
        r"\b(?:two|three|four|five|six|several|many|various|a few|a number of) (?:\w+ ){0,2}(?:kinds|sorts|types|ways|"
        r"reasons|forms|classes|parts|steps|causes|rules|principles|stages|methods|means|things|questions|answers|"
        r"conditions|factors|possibilities|advantages|lessons)(?: of (?:\w+ ?){1,4})?[.:]$",
        r"\b(?:as follows|the following|like this|this way|in turn)[^.]{0,20}[.:]$",
        r"^(?:here is|here are|consider|take|imagine|suppose)\b",
    ),
    own_pages=_any_of(
        r"\b(?:chapter|section|figure|fig\.|table|page|appendix|box|exercise|footnote|plate|diagram|part|volume|"
        r"step)s? (?:\d|[ivxlc]+\b|one|two|three|four|five|six|seven|eight|nine|ten)",
        r"\bpp?\. ?\d",
        r"\b(?:this|the (?:next|following|previous|preceding|last|present|first|final|end of the)|our|another|"
        r"a later|an earlier|later|earlier|following|subsequent|coming) (?:chapter|section|essay|introduction|"
        r"preface|appendix)s?\b",
        r"\b(?:in|of|throughout) (?:this|the present|my previous|an earlier|the next) (?:book|volume|part|work|study|"
        r"text)\b",
        r"\bthis book\b|\b(?:these|the (?:following|preceding|foregoing|next|last)) pages\b",
        r"\b(?:see|cf\.|compare|consult) (?:also |the )?(?:above|below|also|page|pages|chapter|chapters|figure|figures|"
        r"table|appendix|note|notes|section|end of|next|previous|map|plate|box|exercise|illustration|diagram|"
        r"references|bibliography)\b",
        r"^\W*(?:see|turn to|refer to|skip to|go back to|look back|read on|flip to|consult)\b",
        r"\b(?:as|which|that) (?:we|i|you) (?:saw|have seen|will see|shall see|shall find|have learned|said|"
        r"have said|noted|mentioned)\b",
        r"\b(?:as|is|are|was|were) (?:already )?(?:mentioned|noted|discussed|described|shown|explained|listed|stated|"
        r"illustrated|depicted|summari[sz]ed|given) (?:above|below|earlier|later|overleaf|opposite|previously|"
        r"in figure|at the end|at the beginning)\b",
        r"\b(?:we|i) (?:will|shall|'ll) (?:now |then |first |also |later )?(?:see|look|discuss|return|come back|turn|"
        r"examine|explore|consider|describe|explain|learn|show|begin|start|deal|meet)\b",
        r"\b(?:we|you|i)'ll (?:now |then |first |also |later )?(?:see|look|discuss|return|come back|turn|learn|meet)\b",
        r"\blet (?:us|me) (?:now |first |then )?(?:turn|look|return|consider|begin|start|explain|examine)\b",
        r"\b(?:picture|photograph|illustration|map|diagram|graph|chart|table|figure|list) (?:above|below|opposite|"
        r"overleaf)\b",
        r"\bthe (?:above|following) (?:figure|table|diagram|example|list|picture|illustration|passage|quotation)\b",
        r"\b(?:dear|the|my) readers? (?:will|may|should|must|is|can|has)\b",
    ),
)
_GERMAN = ReferenceWords(
    backward=_words(
        "er sie es ihm ihn ihr ihre ihren ihrem ihrer ihnen sein seine seinen seinem seiner dies diese dieser dieses "
        "diesen diesem jene jener jenes jenen jenem solche solcher solches solchen aber und oder denn doch dennoch "
        "jedoch daher deshalb deswegen darum dadurch damit dazu davon darin daran darauf daraus dafür dagegen hierzu "
        "also dann dabei dort hier auch zudem außerdem trotzdem allerdings hingegen vielmehr stattdessen somit "
        "folglich nämlich ebenso ferner beide beiden beides letzterer letztere ersterer erstere zweitens drittens "
        "schließlich nun später so sonst inzwischen danach seitdem"
    ),
    plural=frozenset(),
    light=_words(
        "der die das den dem des ein eine einen einem einer eines in im an am auf bei von vom zu zum zur mit nach "
        "vor seit bis für aus über unter durch gegen ohne um als wenn weil während obwohl nachdem bevor ob dass war "
        "waren ist sind hat hatte hatten wird wurde wurden kann konnte nicht nur noch schon selbst sogar"
    ),
    indefinite=_words("ein eine einen einem einer"),
    definite=_words("der die das den dem des"),
    leaning=_any_of(
        r"\bdies(?:e|er|es|en|em)?\b",
        r"\b(?:das beste|ein|ein weiteres|kein) Beispiel[.;,]|\b(?:eine|die einzige) Ausnahme[.;,]",
        r"\bsolche[rnms]?\b",
        r"\bde(?:r|n|m|s) (?:zweite|dritte|andere|letztere|erstere)[nrs]?\b(?! (?:Weltkrieg|Hälfte|Teil))",
        r"\bdie (?:zweite|dritte|andere|letztere|erstere|beiden)n?\b(?! (?:Hälfte|Seite))",
        r"\bdas (?:zweite|dritte|andere|letztere|erstere)\b(?! Mal)",
        r"^(?:der|die|das) erste (?:ist|war|hat|hält|\w+t (?:der|die|das|den|nur|ein|eine|einen)\b)",
        r"\bbeide (?:von ihnen|davon|arten)\b",
        r"\b(?:hälfte|einige|viele|manche|keiner|keine|eine[rs]?|zwei|drei|alle) (?:von ihnen|davon|derselben)\b",
        r"^(?:erstens|zweitens|drittens|zum beispiel|mit anderen worten|im gegenteil|zum einen|zum anderen|das heißt|"
        r"in der tat|kurz gesagt|am ende|kurz darauf|ein jahr später|einerseits|andererseits)\b",
        r"^(?:einer|eine|eines|einige|manche|andere|viele|keiner|keine) (?:ist|sind|war|waren|hat|haben|hatten|wurde|"
        r"wurden)\b",
        r"^in eine[rm] (?:großen|kleinen|größeren|kleineren)(?: (?:ist|war|wird|steht|sind|waren)|[.,])",
        r"^(?:der|die|das) (?:grund|ergebnis|antwort|unterschied|folge|lösung|erklärung|frage|ursache)\w* "
        r"(?:ist|war|liegt|lag|lautet|kam)\b",
    ),
    personal=_words("er sie ihm ihn ihr ihre ihren ihrem ihrer ihnen sein seine seinen seinem seiner"),
    continuing=_any_of(
        r"(?:zwei|drei|vier|fünf|sechs|sieben|acht|neun|zehn|zwölf|einige|mehrere|viele) \w+", r"eine? \w+ hätten? "
    ),
    announcement=_any_of(
        r"\b(?:zwei|drei|vier|fünf|mehrere|verschiedene|viele) (?:\w+ )?(?:arten|gründe|weisen|formen|wege|"
        r"möglichkeiten|ursachen|regeln|schritte|teile|methoden)(?: von \w+)?[.:]$",
        r"\b(?:wie folgt|folgende[snrm]?)[^.]{0,20}[.:]$",
    ),
    own_pages=_any_of(
        r"\b(?:kapitel|abschnitt|abbildung|abb\.|tabelle|seite|teil|anhang|band|kasten) (?:\d|[ivx]+\b)",
        r"\bS\. ?\d",
        r"\b(?:in|am ende|am anfang|zu beginn)?(?: )?(?:diese[ms]|des|im|nächsten|folgenden|vorigen|letzten|"
        r"vorangegangenen) (?:kapitels?|abschnitts?|buche?s?)\b",
        r"^\W*(?:siehe|vgl\.|vergleiche|lesen sie|blättern sie)\b",
        r"\b(?:siehe|vgl\.) (?:auch|oben|unten|dazu|kapitel|seite|abbildung|ende)",
        r"\bwie (?:wir )?(?:oben|bereits|schon|in kapitel|gesehen|erwähnt|gezeigt)\b",
        r"\b(?:werden|wollen) wir (?:\w+ )?(?:sehen|betrachten|zeigen|besprechen|untersuchen)\b",
    ),
)
_FRENCH = ReferenceWords(
    backward=_words(
        "il elle ils elles lui leur leurs son sa ses ce cet cette ces celui celle ceux celles cela ceci ça c'est "
        "c'était mais et ou car or cependant pourtant donc ainsi alors puis aussi ensuite toutefois néanmoins enfin "
        "d'autres deuxièmement troisièmement bref ici là désormais d'ailleurs l'autre"
    ),
    plural=frozenset(),
    light=_words(
        "le la les un une des du de d l à au aux en dans sur sous par pour avec sans avant après depuis pendant quand "
        "lorsque lorsqu si s comme puisque qu que bien même est était sont étaient a avait ne pas"
    ),
    indefinite=_words("un une"),
    definite=_words("le la les l"),
    leaning=_any_of(
        r"\b(?:cette|cet|ces|ceci|cela)\b",
        r"\b(?:celui|celle|ceux|celles)-(?:ci|là)\b",
        r"\b(?:le|la|les) (?:second|seconde|deuxième|troisième|dernier cas|mêmes?|autres)\b(?! (?:guerre|moitié|fois))",
        r"\bl'autre\b",
        r"^(?:le|la) premi(?:er|ère) (?:est|était|a|avait|\w+e (?:le|la|les|l'|un|une)\b)",
        r"\b(?:tous|toutes) (?:les )?deux\b|\bles deux (?:sortes|espèces|types)\b",
        r"\b(?:moitié|plusieurs|certains|certaines|la plupart|aucun|aucune|l'un|l'une|chacun|chacune) d'entre (?:eux|"
        r"elles)\b",
        r"\b(?:un|une) tel(?:le)?\b|\bde tel(?:s|les)\b",
        r"^(?:d'abord|premièrement|par exemple|en effet|en d'autres termes|au contraire|d'une part|d'autre part|"
        r"en outre|de plus|par conséquent|par ailleurs|en revanche|de même|quant à)\b",
        r"^(?:certains|certaines|aucun|aucune|plusieurs|beaucoup|l'un|l'une) (?:est|sont|était|étaient|a|ont|avait|"
        r"avaient)\b",
        r"^dans (?:un grand|une grande|un petit|une petite)(?: (?:est|était|il|elle|on)|[.,])",
    ),
    personal=_words("il elle ils elles lui leur leurs sa ses eux"),
    continuing=_any_of(
        r"(?:deux|trois|quatre|cinq|six|sept|huit|neuf|dix|quelques|plusieurs) \w+", r"une? \w+ aurait "
    ),
    announcement=_any_of(
        r"\b(?:deux|trois|quatre|cinq|plusieurs|différentes) (?:sortes|espèces|types|raisons|manières|façons|formes|"
        r"causes|étapes|moyens|règles|parties)(?: (?:de |d')\w+)?\s?[.:]$",
        r"\b(?:comme suit|suivante?s?)\s?[.:]$",
    ),
    own_pages=_any_of(
        r"\b(?:chapitre|section|figure|fig\.|tableau|page|annexe|partie|tome|encadré) (?:\d|[ivx]+\b)",
        r"\b(?:ce|du|au|le) (?:présent |prochain |dernier )?chapitre\b(?: (?:suivant|précédent|prochain))?",
        r"\bfin du chapitre\b|\bce livre\b",
        r"^\W*(?:voir|voyez|cf\.|reportez-vous)\b",
        r"\bvoir (?:aussi|page|ci-dessus|ci-dessous|plus haut|plus bas|chapitre|figure|fin)\b",
        r"\b(?:comme nous l'avons vu|nous (?:verrons|avons vu|allons voir|examinerons))\b",
        r"\bci-(?:dessus|dessous|après|contre)\b",
    ),
)
_SPANISH = ReferenceWords(
    backward=_words(
        "él ella ellos ellas su sus este esta estos estas ese esa eso esos esas esto aquel aquella aquellos aquellas "
        "pero y e o sino así entonces también además luego después aquí allí ambos ambas otro otra otros otras "
        "finalmente tampoco embargo ello"
    ),
    plural=frozenset(),
    light=_words(
        "el la los las un una unos unas de del a al en con por para sin sobre desde hasta tras durante cuando si como "
        "aunque porque mientras que es era son eran fue ha había no"
    ),
    indefinite=_words("un una"),
    definite=_words("el la los las"),
    leaning=_any_of(
        r"\b(?:esto|eso|estos|estas|esos|esas)\b|\b(?:este|esta|ese|esa) \w+",
        r"\b(?:el|la|los|las) (?:segund[oa]|tercer[oa]?|otr[oa]s?|mism[oa]s?)\b(?! (?:guerra|mitad|vez|mundo))",
        r"^(?:el|la) primer[oa] (?:es|era|tiene|ha|\w+e (?:el|la|los|las|un|una)\b)",
        r"\b(?:ambos|ambas|los dos|las dos) (?:tipos|clases|de ell[oa]s)\b",
        r"\b(?:mitad|algun[oa]s|much[oa]s|ningun[oa]|cada un[oa]|un[oa]) de (?:ellos|ellas|estos|estas)\b",
        r"\btal(?:es)? (?!como|vez)\w+",
        r"^(?:primero|segundo|en primer lugar|en segundo lugar|por ejemplo|es decir|al contrario|sin embargo|"
        r"no obstante|por otra parte|por otro lado|por lo tanto|por eso|en cambio|de hecho|al final)\b",
        r"^(?:algun[oa]s|much[oa]s|un[oa]|ningun[oa]) (?:es|son|era|eran|tiene|tienen|había|fue|fueron)\b",
        r"^en una? (?:grande|pequeñ[oa]|mayor|menor)(?: (?:es|era|hay|se)|[.,])",
    ),
    personal=_words("él ella ellos ellas su sus"),
    continuing=_any_of(
        r"(?:dos|tres|cuatro|cinco|seis|siete|ocho|nueve|diez|algunos|algunas|varios|varias) \w+", r"una? \w+ habría "
    ),
    announcement=_any_of(
        r"\b(?:dos|tres|cuatro|cinco|varios|varias|muchas) (?:tipos|clases|razones|maneras|formas|causas|pasos|medios|"
        r"reglas|partes)(?: de \w+)?[.:]$",
        r"\b(?:como sigue|siguientes?)[.:]$",
    ),
    own_pages=_any_of(
        r"\b(?:capítulo|sección|figura|fig\.|tabla|página|apéndice|parte|tomo|recuadro) (?:\d|[ivx]+\b)",
        r"\b(?:este|del|al|próximo|siguiente|presente|anterior) capítulo\b|\bcapítulo (?:siguiente|anterior)\b|"
        r"\beste libro\b",
        r"^\W*(?:véase|ver|vea|consulte)\b",
        r"\bvéase\b",
        r"\b(?:como (?:ya )?(?:vimos|hemos visto|se ha dicho)|veremos|como se muestra)\b",
    ),
)
_ITALIAN = ReferenceWords(
    backward=_words(
        "egli ella lui lei loro esso essa essi esse suo sua suoi sue questo questa questi queste quello quella quelli "
        "quelle ciò ma e o però quindi così allora anche inoltre poi dunque tuttavia infine qui lì ecco entrambi "
        "entrambe altri altre eppure neppure"
    ),
    plural=frozenset(),
    light=_words(
        "il lo la i gli le l un uno una un di del della dei delle dello a al alla ai alle da dal dalla in nel nella "
        "nei con su sul sulla per tra fra senza quando se come mentre perché dopo prima che è era sono erano fu ha "
        "aveva non"
    ),
    indefinite=_words("un uno una"),
    definite=_words("il lo la i gli le l"),
    leaning=_any_of(
        r"\b(?:questo|questa|questi|queste|ciò)\b|\bquest'\w+",
        r"\b(?:il|la|i|le) (?:second[oa]|terz[oa]|medesim[oa]|stess[oai])\b(?! (?:guerra|metà|volta))",
        r"\b(?:l'altr[oa]|gli altri|le altre)\b",
        r"^(?:il prim[oa]|la prima) (?:è|era|ha|aveva|\w+e (?:il|lo|la|i|gli|le|l'|un|una)\b)",
        r"\b(?:entrambi|entrambe|tutti e due|tutte e due)\b",
        r"\b(?:metà|alcuni|alcune|molti|molte|nessuno|nessuna|ciascuno|uno|una) di (?:essi|esse|loro|questi|queste)\b",
        r"\b(?:tali|tale) \w+|\bdi tal genere\b",
        r"^(?:primo|secondo|in primo luogo|in secondo luogo|per esempio|ad esempio|cioè|al contrario|d'altra parte|"
        r"in altre parole|perciò|pertanto|di conseguenza|invece|infatti)\b",
        r"^(?:alcuni|alcune|molti|molte|uno|una|nessuno) (?:è|sono|era|erano|ha|hanno|aveva|avevano|fu|furono)\b",
        r"^in una? (?:grande|piccol[oa])(?: (?:è|era|c'è|si)|[.,])",
    ),
    personal=_words("egli ella lui lei loro esso essa essi suo sua suoi sue"),
    continuing=_any_of(
        r"(?:due|tre|quattro|cinque|sei|sette|otto|nove|dieci|alcuni|alcune|parecchi) \w+", r"una? \w+ avrebbe "
    ),
    announcement=_any_of(
        r"\b(?:due|tre|quattro|cinque|vari|varie|diversi|diverse) (?:tipi|specie|ragioni|motivi|modi|forme|cause|"
        r"passi|mezzi|regole|parti|generi)(?: di \w+)?[.:]$",
        r"\b(?:come segue|seguent[ei])[.:]$",
    ),
    own_pages=_any_of(
        r"\b(?:capitolo|sezione|figura|fig\.|tabella|pagina|appendice|parte|volume|riquadro) (?:\d|[ivx]+\b)",
        r"\b(?:questo|del|al|nel|prossimo|seguente|presente|precedente) capitolo\b|\bcapitolo (?:seguente|"
        r"precedente)\b",
        r"\bquesto libro\b",
        r"^\W*(?:si veda|vedi|vedere|cfr\.)",
        r"\b(?:vedi|si veda)\b",
        r"\b(?:come (?:abbiamo visto|si è visto|vedremo|mostrato)|vedremo)\b",
    ),
)
REFERENCE_WORDS = {"en": _ENGLISH, "de": _GERMAN, "fr": _FRENCH, "es": _SPANISH, "it": _ITALIAN}

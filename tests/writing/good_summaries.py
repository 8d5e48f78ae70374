"""Summaries as a good language model writes them: nothing may be found wrong with one of them."""

PENDULUM = """\
Galileo is said to have timed a swinging lamp in Pisa by his own pulse and to have noticed that wide and narrow \
swings last equally long. Whether or not the story is true, he understood what mattered: a pendulum's beat is set by \
its length, and neither the weight of the bob nor the width of the swing changes it much. Clockmakers had lacked \
exactly such a rhythm. Galileo sketched a clock in the last year of his life, but the first one that worked was \
built by Christiaan Huygens in 1656, and daily errors shrank from a quarter of an hour to a quarter of a minute.

So large an improvement changed what could be seen. Minute hands became common, and astronomers could record exactly \
when a star stood where it did. Huygens also knew that wide swings take slightly longer, and he corrected this with \
curved cheeks of metal. The anchor escapement proved to be the simpler cure, because it needs only a swing of a few \
degrees.

Smaller errors then came into view. Steel rods grow in the heat, which Graham balanced with a jar of mercury and \
Harrison with a grid of two metals: an error that cannot be removed is given an opponent. One error even became a \
discovery. When Jean Richer's clock lost time in Cayenne, it showed that gravity is weaker near the equator, and \
Newton took this as evidence that the earth bulges.

For two hundred and fifty years nothing kept better time. But a pendulum needs a floor that stands still, and \
sailors, who needed the time most, had none."""
"""Of chapter 4 of the sample book."""

RAILWAYS = """\
Two centuries ago each town lived by its own sun. Bristol's noon came ten minutes after London's, and as long as \
nothing travelled faster than a horse this troubled nobody. Trains made it a problem: a timetable means little if \
each place counts its own minutes, and on a single line only the clock kept trains apart.

The Great Western Railway adopted London time in 1840, other companies followed, and soon most public clocks in \
Britain showed the time of Greenwich. Some resisted, and in Bristol the Exchange clock got two minute hands. \
Parliament made the practice law only in 1880, long after the telegraph had settled the question by use. North \
America, where every railway had a time of its own, went over to zones on a single day in November 1883, on "the day \
of two noons", and again the law came decades later.

In 1884 delegates from twenty-five countries chose the meridian of Greenwich, not because nature favours it but \
because most of the world's shipping used it already. France held out until 1911, and then defined its time as that \
of Paris set back by some nine minutes, which was the same thing under another name. Today's zones follow politics \
as much as the sun: China uses one, India a half hour, and Spain keeps the time of central Europe.

Was something lost? Perhaps. But people far apart can share a moment, and the telephone and the weather map rest on \
that. A clock once was right if it agreed with the sun; now it is right if it agrees with other clocks."""
"""Of chapter 6 of the sample book."""

GALAPAGOS = """\
When the Beagle reached the Galapagos in September 1835, the young Charles Darwin took them for a good place to see \
volcanoes. Black lava, dry bushes and craters were everywhere, and a cold current kept the air far cooler than \
anyone expects at the equator. Only the damp heights were green.

The few hundred settlers on Charles Island, most of them banished from Ecuador, lived largely on tortoises, and so \
did passing ships, which carried them off by the hundred. Darwin watched the animals march up and down their worn \
paths to the springs, timed one of them, and tried to ride another, though he could hardly keep his balance. He \
opened the stomachs of the black lizards and found seaweed in them, and he threw one of them again and again into a \
pool from which it always swam straight back to him. The birds were so tame that he could push a hawk from a branch \
with his gun. Fear of people, he concluded, is not learned by each bird for itself but takes generations.

The deepest lesson came late. The vice-governor, Lawson, claimed that he could tell from which island any tortoise \
came, but Darwin paid little attention, and had already mixed parts of his collections. It was the mocking birds \
that opened his eyes: each island had its own species. With the finches, whose beaks form a series from thick to \
fine, it was too late, since the labels did not name the islands. Hooker's study of the plants told the same story.

So two riddles remained. Why do the creatures of these rocks bear the stamp of America, and why does each island \
have a set of its own? Conditions alone could not explain it. Darwin sailed for Tahiti with a question that would \
occupy him for life."""
"""Of `beagle.txt` among the labelled chapters."""

WHALE = """\
Captain Ahab smells the whale before dawn, changes course, and at daybreak a smooth streak on the water proves him \
right. Since he cannot climb with his leg of whalebone, he has himself pulled up the mast, and from there he is the \
first to see the white hump of Moby Dick. Tashtego says that he cried out in the same instant. "Not the same \
instant," Ahab answers: the gold coin that he nailed to the mast was meant for him.

Three boats go after the whale, while Starbuck, who had begged the captain to turn for home, stays on board. The \
animal glides along so gently that one might forget what it has done. Then it dives. The boats wait, and the birds, \
whose sight is keener than a man's, gather over Ahab's boat. He looks down, sees a white spot grow into two rows of \
teeth, and spins the boat aside in time. But the whale seems to guess it, slides under the boat, and takes the bow \
between his jaws. Ahab seizes the jaw with his bare hands. It is no use. The boat is bitten in two.

Moby Dick circles the wreck and the swimming captain until the Pequod sails right upon him and drives him away. \
Rescued, Ahab asks for the harpoon first, and for his men next: none is missing. The chase goes on under every sail \
until dark. Stubb jokes about the broken boat, Starbuck sees an evil omen in it, and Ahab wants nothing of either. \
"I am alone," he says.

At night he leaves the coin on the mast for whoever first sights the whale on the day of its death. Then he stands \
in the hatchway until dawn."""
"""Of `whale.txt` among the labelled chapters."""

MILL = """\
Eine halbe Stunde von Lindach steht die Hölzermühle, und sie ist älter als die Jahreszahl 1683 über ihrer Tür: Schon \
1521 nennt ein Steuerbuch hier einen Müller. Sie gehörte dem Kloster, und die Bauern aus vier Dörfern mussten ihr \
Korn zu ihr bringen.

Das Wasser kommt über einen Graben von einem Wehr herab und fällt von oben auf das Rad. Weil das Gewicht des Wassers \
zählt und nicht seine Strömung, genügt ein schmaler Bach. Innen ist manches klug bedacht. Die Zähne des Kammrades \
sind aus Holz, damit im Notfall das Billige bricht und nicht das teure Metall, und eine Glocke warnte, bevor die \
Steine leer liefen und Funken schlugen. Alle paar Wochen mussten die Steine geschärft werden, eine Arbeit, die auf \
die Lunge ging.

Einen guten Ruf hatten die Müller nicht, denn sie behielten einen Teil des Korns, und niemand konnte genau \
nachmessen. Gefährlicher war der Bach. Im Februar 1784 riss das Eis das Wehr fort und zerschlug das Rad; Jakob \
Hölzer zahlte elf Jahre lang an den Schulden.

Dass die Mühle überlebte, verdankt sie Anna Hölzer. Alle rieten der Witwe zum Verkauf. Sie aber baute eine Turbine \
ein und verkaufte von 1921 an Strom, bis das Dorf nach dem Krieg an das große Netz kam. Der Enkel gab den Betrieb \
auf, und zwanzig Jahre lang wohnten dort nur Fledermäuse. Dann kaufte ein Verein das Haus, arbeitete sechs Sommer \
daran, und heute mahlt es wieder, jeden ersten Sonntag im Monat. Früher sagte man: „Eine Mühle schläft nur.“"""
"""Of `muehle.txt` among the labelled chapters."""

FRENCH = """\
Les fleuves naissent de presque rien : une source, un glacier, une prairie gorgée d'eau. Tant que la pente est \
forte, l'eau creuse et emporte tout ce qu'elle arrache à la montagne. Dans la plaine, elle ralentit et dépose \
d'abord les galets, puis le sable, enfin le limon le plus fin. C'est ainsi que se forment les îles et les méandres, \
que chaque crue déplace un peu.

Les hommes ont voulu fixer ce mouvement. Ils ont bâti des digues, et le lit s'est élevé entre elles, jusqu'à dominer \
les champs qu'elles devaient protéger. Un vieil ingénieur résumait l'affaire en une phrase : « On ne retient pas un \
fleuve, on lui demande seulement d'attendre. »"""

JAPANESE = """\
川は小さな泉から始まる。山の急な斜面では水が岩を削り、砂や石を運んでいく。平野に出ると流れは遅くなり、ま\
ず重い石を、次に砂を、最後に細かい泥を落とす。こうして中州や蛇行が生まれ、洪水のたびに少しずつ形を変える\
。

人々は川を動かないものにしようとした。堤防を築くと、その間で川底が高くなり、やがて守るはずだった田畑より\
も水面が上になった。ある老いた技師はこう言った。「川を止めることはできない。少し待ってもらうだけだ」"""

FROM_MEMORY = """\
I can't forget the flood, the old ferryman begins, and for one night he tells a stranger everything. Sorry was all \
his brother said when the rope broke, two words and no more, counting the sigh. The boat was gone by 1911, the house \
a year later.

"And then?" asks the stranger. "Then," he says, "I learned to swim."

Row, row, the children sang that spring,
and none of them knew why;
the river had come up to their door
and taken the cat and the rye.

In the end he forgives the water, though not himself (he never learned who had cut the rope). Of his 365 letters to \
his brother he sent a single one, and its last line is the last line here: “You may come home.”"""
"""A story with dialogue and verse, told in the first person."""

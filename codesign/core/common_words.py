"""Words that say nothing of what a title is about, in the languages of the house.

Written without the accents of Latin letters, in small letters, as the search knows words. Words of one or two letters
need not be here.
"""

_WORDS = """
en about above after again all also and any anyone are around away back because been before being below better between
both build but can could does done down each every everyone few find first for from get give good had has have her here
him his how into its just keep less let like made make many may more most much must near need needs new not now off old
one only open other our out over own people please put same see she should since some start still stop such than that
the their them then there these they this those through time too town city council local under until use very want was
way well were what when where which while who why will with without would year years yes you your
create improve provide day days week month thing things something anything somebody around place places

es algo alguna algunas alguno algunos ante antes ano anos asi aun aunque ayuntamiento bajo bien cada cambiar casi ciudad
como con contra crear cual cuales cualquier cuando cuanto dar debe deben del desde despues dia dias donde dos durante
ella ellas ellos entre era eran ese eso esa esas esos esta estas este esto estos estan estar fue fuera gran haber hace
hacer hacia han hasta hay las les los mas mayor mejor mejora mejorar mejore mejoren menos mientras mismo misma mucha muchas
mucho muchos muy nada nos nosotros nuestra nuestro nueva nuevas nuevo nuevos otra otras otro otros para parte pero poco
poder poner por porque propuesta propuestas proponer pueda pueden puede que quien quienes quitar sea sean ser sera si
sido sin sobre solo son sus tal tambien tan tanto tener tiene tienen toda todas todo todos tras una unas uno unos usar
usted uso vez vivir ya cosa cosas mes meses semana lugar lugares sitio hora horas necesita necesitan queremos quiero haya

et aga alla alles aasta aga ainult antud edasi ega ehk ehitada ei ette enam et ette hea hoopis iga igal ilma ise isegi ja
jah jaoks juba juurde kas kaudu keda kes kogu koigi koik kolm kokku kord korda kui kuid kuidas kuni kus kust labi linn
linna linnas luua ma ma meie mida midagi mille milline millal minu mis miks mitte mitu muu muud mujal nad nagu need neid
nende nii ning nuud nuid oleks olema oli olid olla on ole oma omavalitsus paar paljud parem paremaks peab peaks palju
peale pole pool praegu pea saab saada saaks saama sama samuti see seda selle selles sellest siia siin siis sisse suur
tahame taga tagasi tahaks teha teine teised tuleb tuleks uks uus uued uusi vaga vaid vaja valja vastu veel vee voi voib
voiks voiksid paev paevad asi asjad koht koha kohta uhe ule umber ettepanek

ru без более больше меньше бы был была были было быть вам вас ваш ваша ведь весь вместо вниз во вот все всего всем всех всю вы где
город города городе года год давайте даже для до должен должна должны его ее если есть еще ещё же за зачем здесь или им
их как какой ко когда кого кто куда ли лучше между меня мне много может можно мой мы на над надо нам нас наш наша наше
нашего нашей наши не нет нибудь ничего но новая новой новое новый новые ну нужен нужна нужно нужны об один одна одно он
она они оно от очень по под пожалуйста пока после потому почему предложение предлагаю при про просим пусть раз сделать
сделайте себя сейчас со создать стать такой там те тем то тоже того только том тот ту тут ты уже улучшить хотим хочу чего
чем через что чтобы эта эти это этого этой этот день дни дня вещи вещь место места месяц неделю

kk ал алу арқылы арналған ау бар басқа бәрі бері беру бес бір біз біздің бізге біздин біраз болады болу болып
болсын бойы бойынша бойында бола бол бұл бұның бүкіл бүгін да де деген дейін деп дұрыс екен екі енді ең ертең етіп ету
еш ешқандай және жаңа жасау жақсы жақсарту жатыр жерде жоқ жыл жылы жылда кейін керек көп көбірек күн күні қай қайда
қажет қала қалай қаланың қаламызда қаласы қалаға қалада қаламыз қандай қана қарай қашан қою қылу қосу маған мен менің
мені менімен мынау не неге неше немесе олар ол онда оны оның осы осында сен сіз сіздің сол соң сондай сондықтан сонымен
тағы таман тек туралы түгел үшін ұсыныс ұсынамын үлкен шейін шығару ғана әкімдік әлі әр әрбір өз өзі өте өту

ka ადამიანები ალბათ ამ ამას ამის ამიტომ ან არ არა არაფერი არის ასე ასეთი აქ ახალი ახლა ბევრი გავაკეთოთ გარდა გარეშე და
დიდი დღე დღეს ეს ესე ეხლა ვის თავის თუ იგი იმ იმის ის ისე ისევ ისინი იქ კარგი კი კიდევ კიდეც მათ მათი მაგრამ მან მაინც
მეტი მე მერე მის მისი მისთვის მხოლოდ მხრივ ნუ ორი რა რამდენი რას რატომ რისთვის როგორ როდესაც როდის რომ რომელიც რომელი
საჭიროა საჭირო სად სადაც სანამ სხვა სულ უკვე უნდა უფრო უკეთესი ქალაქი ქალაქის ქალაქში შემდეგ შესახებ შექმნა შორის ჩვენ
ჩვენი ჩვენთვის წელი წელს წინადადება ყველა ყოველ ხოლო ხომ ჯერ

mn ба баг байна байгаа байгуулах байгуулъя байх бас бид бидний бидэнд бол болно болон болох бусад бүх бүгд гэж гэсэн
гэхдээ даа дахин дээр дор ерөнхий ийм илүү их маш мөн нар нэг нэн нэмэх одоо олон оос өдөр өнөөдөр өөр өөрийн саналууд
санал сайжруулах сайн тав тийм төлөө түүний тэд тэр тэнд тэгээд удаа улам уу үед үгүй үү хамт хамгийн хийх хийе хот хотод
хотын хоёр хэдэн хэн хэрэгтэй хэрвээ хүн хүмүүс хүртэл шаардлагатай шиг шинэ шинэчлэх энд энэ эсвэл ээ явах яагаад ямар
"""
COMMON = frozenset(word for line in _WORDS.strip().split("\n\n") for word in line.split()[1:])

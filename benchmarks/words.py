"""What people of a generated town are called and say: sentences put together from parts, in three languages.

The parts hold nothing that Markdown or HTML would take for more than words, so a text's HTML is known without rendering.
"""

import random
from functools import lru_cache
from typing import NamedTuple

from markupsafe import Markup

from codesign.core.search import words_of

PARTS: dict[str, tuple[tuple[str, ...], ...]] = {
    "en": (
        ("In my street", "Since last autumn", "Near the school", "Every morning",
         "For older neighbours", "After the rain", "On market days", "Around the station"),
        ("the bus stop", "the footpath", "the small library", "the playground",
         "the crossing", "the swimming hall", "the cycle lane", "the town square"),
        ("needs more light", "closes far too early", "is loved by everybody", "is never cleaned",
         "could be shared by two schools", "costs more than it should", "is hard to reach with a pram",
         "works better than people say"),
        ("and nobody has asked us", "so we should try another way", "but the plan does not mention it",
         "and that is worth keeping", "because the budget was cut twice", "while the next district has solved it",
         "and I would help to change it", "so please publish the figures"),
    ),
    "es": (
        ("En mi barrio", "Desde el año pasado", "Cerca del mercado", "Por la noche",
         "Para las familias", "Cuando llueve", "Los fines de semana", "Junto al río"),
        ("la biblioteca", "la parada", "la plaza", "la calle mayor", "la piscina", "la escuela", "la acera", "la fuente"),
        ("necesita más sombra", "cierra demasiado pronto", "funciona muy bien", "está casi siempre vacía",
         "no tiene rampa", "recibe pocas visitas", "hace mucho ruido", "merece otra oportunidad"),
        ("y nadie nos ha preguntado", "así que hay que probar otra cosa", "pero el plan no lo dice",
         "y eso hay que cuidarlo", "porque faltó el dinero", "mientras otros ya lo han resuelto",
         "y yo ayudaría a cambiarlo", "así que publiquen las cifras"),
    ),
    "ru": (
        ("На нашей улице", "С прошлой осени", "Рядом со школой", "Каждое утро",
         "Для пожилых соседей", "После дождя", "В базарные дни", "Возле вокзала"),
        ("библиотека", "остановка", "площадка", "дорожка", "площадь", "школа", "лестница", "аллея"),
        ("закрывается слишком рано", "остаётся без света", "нравится всем", "требует ремонта",
         "пустует весь день", "стоит слишком дорого", "работает лучше прежнего", "почти недоступна с коляской"),
        ("и нас никто не спросил", "поэтому надо попробовать иначе", "но в плане об этом ни слова",
         "и это стоит сохранить", "потому что денег не хватило", "а соседний район уже справился",
         "и я готов помочь", "поэтому покажите цифры"),
    ),
}  # fmt: skip
LANGUAGES = ("en", "en", "en", "es", "es", "ru")
TOPICS = (
    "Streets and squares", "Parks and trees", "Buses and trams", "Schools", "Libraries", "Noise", "Housing",
    "Waste and water", "Sport", "Old age", "Cycling", "Shops and markets",
)  # fmt: skip
SITUATIONS = (
    ("I am moving here", "Registering, schools, a doctor", "house"),
    ("I lost my work", "Support, courses, advice", "briefcase"),
    ("My child starts school", "Places, meals, the way there", "school"),
    ("I care for a parent", "Help at home, time off, money", "heart-handshake"),
)
FIRST = ("Ar", "Be", "Cal", "Do", "El", "Fen", "Gi", "Ha", "Il", "Jo", "Ka", "Lu", "Mi", "No", "Or", "Pe", "Ru", "Sa")
SECOND = ("na", "ric", "len", "mo", "dia", "tan", "vi", "sel", "rin", "ko", "bel", "za", "nor", "mir", "ta", "dro")
FAMILY = ("wick", "holm", "vale", "marsh", "stein", "dal", "brook", "lund", "mere", "croft", "toft", "berg")


class Said(NamedTuple):
    """A text as it is written, as it is shown, and as the search knows it."""

    text: str
    html: Markup
    sought: str


def name(number: int) -> str:
    """The invented name of the person with this number; after 3,456 of them a name comes again."""
    number, first = divmod(number, len(FIRST))
    number, second = divmod(number, len(SECOND))
    return f"{FIRST[first]}{SECOND[second]} {FIRST[(first + second) % len(FIRST)]}{FAMILY[number % len(FAMILY)]}"


def sentence(language: str, chance: random.Random) -> str:
    return _sentence(language, chance.getrandbits(12))


def title(language: str, chance: random.Random) -> str:
    opening, subject, wish, _reason = _parts(language, chance.getrandbits(12))
    return f"{opening}, {subject} {wish}?"


def said(language: str, chance: random.Random, longest: int) -> Said:
    """One to `longest` sentences in paragraphs of at most three; the HTML is what codesign.markup makes of the text."""
    sentences = [sentence(language, chance) for _ in range(chance.randint(1, longest))]
    paragraphs = [" ".join(sentences[start : start + 3]) for start in range(0, len(sentences), 3)]
    html = "\n".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)
    found = " ".join(map(sought, sentences))
    return Said("\n\n".join(paragraphs), Markup(html), found)  # noqa: S704 - own words, see the test


@lru_cache(len(PARTS) * 8**4)
def sought(text: str) -> str:
    """The words of a sentence as the search stores them."""
    return " ".join(words_of(text))


@lru_cache(len(PARTS) * 8**4)
def _sentence(language: str, number: int) -> str:
    return " ".join(_parts(language, number)) + "."


def _parts(language: str, number: int) -> tuple[str, ...]:
    """Four parts, each chosen by three bits of the number: every group has eight."""
    return tuple(group[number >> 3 * place & 7] for place, group in enumerate(PARTS[language]))

"""Hand-written parts of the catalogue beside its subjects: providers, phrases, translations, required courses."""

from typing import NamedTuple

# provider -> kinds of skill it teaches, and its price level
PROVIDERS: dict[str, tuple[str, float]] = {
    "Northlight Academy": ("technical domain", 1.0),
    "Kernel Yard": ("technical", 1.2),
    "Bytewell Labs": ("technical", 0.8),
    "Openfield Learning": ("technical human domain", 0.3),
    "Harbour Business School": ("human domain", 2.0),
    "Studio Meridian": ("human", 1.3),
    "Ledger and Line Institute": ("domain", 1.5),
    "Company Campus": ("technical human domain", 0.0),
}


class Format(NamedTuple):
    """A kind of course: its share, its shortest and longest length in hours, price an hour, and closing sentences."""

    name: str
    share: float
    shortest: float
    longest: float
    price: float
    phrases: tuple[str, ...]


FORMATS: tuple[Format, ...] = (
    Format(
        "video",
        0.28,
        0.5,
        4,
        12,
        (
            "Short films, each followed by a question.",
            "Watch at your own pace, on a telephone if you like.",
            "Every chapter ends with a small task for your own desk.",
        ),
    ),
    Format(
        "course",
        0.34,
        4,
        28,
        16,
        (
            "Weekly modules with exercises and a closing test.",
            "Readings, examples and a graded final task.",
            "You work on one continuing case from the first unit to the last.",
        ),
    ),
    Format(
        "workshop",
        0.14,
        4,
        16,
        70,
        (
            "A live session in a small group.",
            "Bring a case of your own: half of the time belongs to practice.",
            "Held on site and online, twelve places at most.",
        ),
    ),
    Format(
        "reading",
        0.08,
        0.5,
        3,
        6,
        ("A guided reading list with notes and questions.", "Four chapters, each with a page to fill in."),
    ),
    Format(
        "lab",
        0.11,
        2,
        9,
        28,
        (
            "You get an environment of your own and a list of things to break and mend.",
            "Hands on from the first minute, with hints when you are stuck.",
        ),
    ),
    Format(
        "coaching",
        0.05,
        3,
        10,
        110,
        ("Five conversations with an experienced practitioner.", "One to one, on the questions you bring along."),
    ),
)

FOR_WHOM: dict[int, tuple[str, ...]] = {
    1: ("No earlier knowledge needed.", "Made for the curious of all departments.", ""),
    2: (
        "For those who know the basics and want to use them.",
        "Suits people in their first year with the subject.",
        "",
    ),
    3: ("For people who use this at work every week.", "You should have some practice already.", ""),
    4: ("For experienced colleagues.", "Expect to be challenged; some years of practice help.", ""),
    5: ("For experts and those who advise others.", "Demanding, and worth the effort for specialists.", ""),
}

CREDENTIALS: tuple[str, ...] = ("Certified Practitioner", "Professional Certificate", "Advanced Diploma")


class Translation(NamedTuple):
    """The edition of a subject in another language: which one it is, its language, title and description."""

    original: str
    language: str
    title: str
    about: str


TRANSLATIONS: tuple[Translation, ...] = (
    Translation(
        "New manager essentials",
        "de",
        "Neu in der Führungsrolle",
        "Einzelgespräche, Delegation und die ersten neunzig Tage.",
    ),
    Translation(
        "Spreadsheets from zero",
        "de",
        "Tabellenkalkulation von Anfang an",
        "Zellen, Formeln und Bezüge an einem Nachmittag.",
    ),
    Translation(
        "Generative AI in your working day",
        "de",
        "Generative KI im Arbeitsalltag",
        "Entwerfen, zusammenfassen und prüfen mit einem Assistenten, und wissen, wann nicht.",
    ),
    Translation(
        "Feedback that lands",
        "fr",
        "Un retour qui porte",
        "Observation, effet et souhait : un schéma utilisable dès demain.",
    ),
    Translation(
        "Plain language at work",
        "fr",
        "Écrire simplement au travail",
        "Des mots courts, des verbes actifs, une idée par phrase.",
    ),
    Translation(
        "Negotiating everyday things",
        "es",
        "Negociar en el día a día",
        "Intereses, opciones y alternativas, del puesto de trabajo a los plazos.",
    ),
    Translation(
        "Projects in a nutshell",
        "es",
        "Los proyectos en pocas palabras",
        "Objetivo, alcance, tiempo y personas: qué hace que un proyecto lo sea.",
    ),
    Translation(
        "Agile, the short version",
        "de",
        "Agil in Kürze",
        "Vier Werte, eine Tafel und die Gewohnheit, fertig zu werden.",
    ),
    Translation(
        "Personal data in daily work",
        "fr",
        "Les données personnelles au quotidien",
        "Ce qui compte, ce qui est permis et à qui demander.",
    ),
    Translation(
        "Lookups and pivot tables",
        "fr",
        "Recherches et tableaux croisés",
        "Réunir des listes et résumer dix mille lignes en quelques clics.",
    ),
    Translation(
        "Help desk fundamentals",
        "es",
        "Fundamentos de la atención al cliente",
        "Saludar, entender, resolver y registrar.",
    ),
    Translation(
        "Meetings worth attending",
        "de",
        "Besprechungen, die sich lohnen",
        "Zweck, Tagesordnung und ein pünktliches Ende.",
    ),
    Translation(
        "Planning a week that works",
        "es",
        "Planificar una semana que funcione",
        "Energía, prioridades y sitio para imprevistos.",
    ),
    Translation(
        "Finance for non-financial people",
        "fr",
        "La finance pour les autres",
        "Résultat, trésorerie et bilan : lire les comptes d'une boulangerie.",
    ),
    Translation(
        "Asking questions of a database",
        "de",
        "Fragen an eine Datenbank",
        "Auswählen, filtern und sortieren, ohne auf einen Bericht zu warten.",
    ),
    Translation(
        "Lean basics on the floor",
        "es",
        "Lean desde el taller",
        "Desperdicio, flujo y orden, aprendidos en una fábrica de papel.",
    ),
    Translation(
        "Listening before answering",
        "fr",
        "Écouter avant de répondre",
        "Remarquer que nous préparons la réponse pendant que l'autre parle.",
    ),
    Translation(
        "Resilience under pressure", "de", "Belastbar bleiben", "Stress früh erkennen und sich bewusst erholen."
    ),
)


class Required(NamedTuple):
    """A required course and the rule that assigns it.

    `whom` is "*", "department X" or "role X". `due_days` counts from hire or role entry, `recur_days` from the last
    completion (0: once). `campaign` is the month in which everybody already there takes it, or with `due_at` the
    fixed date by which it is due.
    """

    title: str
    about: str
    skill: str
    whom: str
    hours: float
    due_days: int
    recur_days: int
    campaign: int
    due_at: str = ""


REQUIRED: tuple[Required, ...] = (
    Required(
        "Code of conduct",
        "How we deal with each other, with gifts and with doubt. Confirm it once a year.",
        "risk-compliance",
        "*",
        0.75,
        30,
        365,
        2,
    ),
    Required(
        "Information security for everybody",
        "Phishing, passwords and lost laptops, with this year's real cases.",
        "identity-access",
        "*",
        0.75,
        30,
        365,
        10,
    ),
    Required(
        "Data protection refresher",
        "What changed, what went wrong and what to do when it happens to you.",
        "data-privacy",
        "*",
        0.5,
        45,
        730,
        5,
    ),
    Required(
        "Safe lifting and site safety",
        "Rules, routes and equipment for everyone who enters a warehouse.",
        "quality-management",
        "department Operations",
        1.5,
        14,
        365,
        4,
    ),
    Required(
        "Secure coding rules",
        "The company's minimum for code that goes to customers.",
        "application-security",
        "department Technology",
        2.0,
        60,
        365,
        11,
    ),
    Required(
        "Fair dealing and gifts in sales",
        "What you may offer, accept and promise.",
        "risk-compliance",
        "department Commercial",
        1.0,
        45,
        730,
        3,
    ),
    Required(
        "Hiring within the law",
        "Questions you must not ask, and better ones to ask instead.",
        "talent-acquisition",
        "role recruiter",
        1.0,
        30,
        730,
        1,
    ),
    Required(
        "Duties of a team lead",
        "Working time, safety and confidentiality: what the law expects of those who lead.",
        "people-leadership",
        "role team-lead",
        2.0,
        60,
        0,
        9,
    ),
    Required(
        "Closing the books: controls",
        "The controls that each month-end must leave evidence of.",
        "financial-accounting",
        "role accountant",
        1.5,
        30,
        365,
        12,
    ),
    Required(
        "Handling sensitive data sets",
        "Access, export and deletion rules for people who work with raw data.",
        "data-privacy",
        "department Data",
        1.0,
        30,
        365,
        6,
    ),
    Required(
        "Using AI tools responsibly",
        "Which tools are approved, what must never be pasted, and who answers questions.",
        "generative-ai",
        "*",
        0.5,
        0,
        0,
        0,
        "2026-09-30",
    ),
)

VARIANTS: tuple[tuple[str, str, str], ...] = (
    ("{title}: practice lab", "lab", "Exercises only, for those who know the theory."),
    ("{title}: live clinic", "workshop", "Bring your questions; two practitioners answer them."),
    ("{title}: a reading guide", "reading", "The best texts on the subject, in a sensible order."),
    ("{title}: refresher", "video", "The essentials again, for people who learned this some time ago."),
    ("{title}: one-to-one", "coaching", "The same subject, worked through on your own case."),
    ("{title}: case collection", "course", "Twelve cases from other companies, with questions and answers."),
)
"""Further ways to offer a subject, used when more courses are asked for than there are subjects."""

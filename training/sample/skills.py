"""The skills of the sample company, the themes that people are interested in, and the shape of a subject."""

from typing import NamedTuple


class Skill(NamedTuple):
    """One named skill: its id, display name, kind (technical, human or domain) and theme."""

    skill_id: str
    name: str
    kind: str
    theme: str


class Topic(NamedTuple):
    """One subject of a course: level reached (1-5), title, what it is about, and a second skill it also teaches."""

    level: int
    title: str
    about: str
    also: str = ""


THEMES: tuple[str, ...] = (
    "data", "ai", "software", "infrastructure", "security", "design", "leadership", "communication",
    "productivity", "delivery", "finance", "operations", "customers", "people", "governance",
)  # fmt: skip

SKILLS: tuple[Skill, ...] = (
    Skill("python", "Python", "technical", "software"),
    Skill("sql", "SQL", "technical", "data"),
    Skill("data-modelling", "Data modelling", "technical", "data"),
    Skill("data-engineering", "Data engineering", "technical", "data"),
    Skill("statistics", "Statistics", "technical", "data"),
    Skill("data-visualisation", "Data visualisation", "technical", "data"),
    Skill("machine-learning", "Machine learning", "technical", "ai"),
    Skill("deep-learning", "Deep learning", "technical", "ai"),
    Skill("generative-ai", "Generative AI", "technical", "ai"),
    Skill("spreadsheets", "Spreadsheets", "technical", "productivity"),
    Skill("java", "Java", "technical", "software"),
    Skill("typescript", "TypeScript and web front ends", "technical", "software"),
    Skill("api-design", "API design", "technical", "software"),
    Skill("software-architecture", "Software architecture", "technical", "software"),
    Skill("test-automation", "Test automation", "technical", "software"),
    Skill("continuous-delivery", "Continuous delivery", "technical", "infrastructure"),
    Skill("containers", "Containers and orchestration", "technical", "infrastructure"),
    Skill("cloud-platforms", "Cloud platforms", "technical", "infrastructure"),
    Skill("linux", "Linux administration", "technical", "infrastructure"),
    Skill("networking", "Networking", "technical", "infrastructure"),
    Skill("observability", "Observability", "technical", "infrastructure"),
    Skill("application-security", "Application security", "technical", "security"),
    Skill("security-monitoring", "Security monitoring", "technical", "security"),
    Skill("identity-access", "Identity and access management", "technical", "security"),
    Skill("ui-design", "Interface design", "technical", "design"),
    Skill("process-automation", "Process automation", "technical", "operations"),
    Skill("clear-writing", "Clear writing", "human", "communication"),
    Skill("presenting", "Presenting", "human", "communication"),
    Skill("active-listening", "Active listening", "human", "communication"),
    Skill("facilitation", "Facilitation", "human", "communication"),
    Skill("coaching", "Coaching and feedback", "human", "leadership"),
    Skill("people-leadership", "Leading people", "human", "leadership"),
    Skill("change-leadership", "Leading change", "human", "leadership"),
    Skill("decision-making", "Decision making", "human", "leadership"),
    Skill("negotiation", "Negotiation", "human", "customers"),
    Skill("conflict-resolution", "Conflict resolution", "human", "people"),
    Skill("self-management", "Self-management", "human", "productivity"),
    Skill("problem-solving", "Structured problem solving", "human", "productivity"),
    Skill("creativity", "Creative thinking", "human", "design"),
    Skill("stakeholder-management", "Stakeholder management", "human", "delivery"),
    Skill("collaboration", "Working in teams", "human", "people"),
    Skill("intercultural", "Intercultural competence", "human", "people"),
    Skill("project-management", "Project management", "domain", "delivery"),
    Skill("product-management", "Product management", "domain", "delivery"),
    Skill("agile-delivery", "Agile delivery", "domain", "delivery"),
    Skill("user-research", "User research", "domain", "design"),
    Skill("financial-accounting", "Financial accounting", "domain", "finance"),
    Skill("budgeting", "Budgeting and forecasting", "domain", "finance"),
    Skill("financial-modelling", "Financial modelling", "domain", "finance"),
    Skill("procurement", "Procurement", "domain", "operations"),
    Skill("supply-chain", "Supply chain planning", "domain", "operations"),
    Skill("quality-management", "Quality management", "domain", "operations"),
    Skill("digital-marketing", "Digital marketing", "domain", "customers"),
    Skill("content-marketing", "Content marketing", "domain", "customers"),
    Skill("selling", "Consultative selling", "domain", "customers"),
    Skill("account-management", "Account management", "domain", "customers"),
    Skill("customer-support", "Customer support", "domain", "customers"),
    Skill("talent-acquisition", "Talent acquisition", "domain", "people"),
    Skill("learning-design", "Learning design", "domain", "people"),
    Skill("data-privacy", "Data privacy", "domain", "governance"),
    Skill("risk-compliance", "Risk and compliance", "domain", "governance"),
    Skill("sustainability", "Sustainability reporting", "domain", "governance"),
)

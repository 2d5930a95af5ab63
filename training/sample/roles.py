"""The jobs of the sample company: six families, the skills each role needs, and how many people hold it."""

from typing import NamedTuple


class Role(NamedTuple):
    """One job.

    `needs` is text, "skill level importance" separated by semicolons: level 1-5, importance 0-1. `share` is the
    relative number of people in the role.
    """

    role_id: str
    title: str
    family: str
    share: float
    description: str
    needs: str


DEPARTMENTS: dict[str, str] = {
    "Data and AI": "Data",
    "Engineering": "Technology",
    "Product and design": "Product",
    "Sales and marketing": "Commercial",
    "Finance and operations": "Operations",
    "People and leadership": "People",
}
"""The department in which the people of a role family work."""

ROLES: tuple[Role, ...] = (
    Role(
        "data-analyst",
        "Data analyst",
        "Data and AI",
        5,
        "Answers business questions with data and makes them visible.",
        "sql 3 1; data-visualisation 3 1; statistics 3 .8; spreadsheets 3 .7; python 2 .5; "
        "presenting 2 .5; problem-solving 2 .5; data-modelling 2 .4",
    ),
    Role(
        "data-engineer",
        "Data engineer",
        "Data and AI",
        4,
        "Builds and runs the pipelines that others rely on.",
        "data-engineering 4 1; sql 4 1; python 4 .9; data-modelling 4 .8; cloud-platforms 3 "
        ".6; continuous-delivery 2 .5; containers 2 .4; data-privacy 2 .4",
    ),
    Role(
        "data-scientist",
        "Data scientist",
        "Data and AI",
        3,
        "Finds patterns, tests ideas and builds predictive models.",
        "statistics 5 1; machine-learning 4 1; python 4 .9; sql 3 .6; deep-learning 3 .5; "
        "presenting 3 .5; generative-ai 3 .5; data-visualisation 3 .5",
    ),
    Role(
        "ml-engineer",
        "Machine learning engineer",
        "Data and AI",
        2,
        "Takes models into production and keeps them healthy.",
        "machine-learning 5 1; python 5 .9; deep-learning 4 .8; continuous-delivery 3 .7; "
        "containers 3 .7; generative-ai 4 .7; data-engineering 3 .6; observability 3 .5",
    ),
    Role(
        "frontend-developer",
        "Front-end developer",
        "Engineering",
        5,
        "Builds the screens that customers use.",
        "typescript 4 1; ui-design 2 .7; test-automation 3 .7; api-design 2 .6; continuous-delivery 2 "
        ".5; application-security 2 .5; agile-delivery 2 .4; collaboration 2 .3",
    ),
    Role(
        "backend-developer",
        "Back-end developer",
        "Engineering",
        7,
        "Builds the services behind the screens.",
        "java 4 1; api-design 4 .9; sql 3 .8; test-automation 3 .7; software-architecture 3 .6; "
        "containers 2 .5; application-security 3 .6; continuous-delivery 3 .5",
    ),
    Role(
        "qa-engineer",
        "Test engineer",
        "Engineering",
        3,
        "Finds out what is wrong before customers do.",
        "test-automation 4 1; quality-management 3 .7; typescript 2 .5; continuous-delivery 3 "
        ".6; problem-solving 3 .6; clear-writing 2 .4; agile-delivery 2 .4",
    ),
    Role(
        "platform-engineer",
        "Platform engineer",
        "Engineering",
        4,
        "Runs the ground that all other teams build on.",
        "cloud-platforms 5 1; containers 5 .9; linux 4 .9; continuous-delivery 4 .8; "
        "observability 4 .8; networking 3 .6; identity-access 3 .5; python 2 .4",
    ),
    Role(
        "security-analyst",
        "Security analyst",
        "Engineering",
        2,
        "Watches, investigates and answers attacks.",
        "security-monitoring 4 1; application-security 4 .8; networking 4 .8; "
        "identity-access 4 .7; linux 3 .6; risk-compliance 3 .5; decision-making 2 .4",
    ),
    Role(
        "software-architect",
        "Software architect",
        "Engineering",
        2,
        "Keeps large systems understandable and able to change.",
        "software-architecture 5 1; api-design 4 .9; cloud-platforms 4 .7; decision-making 3 .6; "
        "stakeholder-management 3 .6; application-security 3 .6; presenting 3 .4; java 3 .4",
    ),
    Role(
        "product-manager",
        "Product manager",
        "Product and design",
        4,
        "Decides with the team which problem to solve next.",
        "product-management 4 1; stakeholder-management 4 .8; agile-delivery 3 .7; user-research 3 .7; "
        "decision-making 3 .6; presenting 3 .5; data-visualisation 2 .4; negotiation 2 .3",
    ),
    Role(
        "ux-designer",
        "User experience designer",
        "Product and design",
        3,
        "Shapes what people see, touch and understand.",
        "ui-design 4 1; user-research 3 .9; creativity 3 .7; facilitation 3 .5; "
        "typescript 2 .3; presenting 2 .4; collaboration 2 .4",
    ),
    Role(
        "delivery-lead",
        "Delivery lead",
        "Product and design",
        3,
        "Makes sure that several teams finish what they begin.",
        "agile-delivery 4 1; project-management 4 .9; facilitation 4 .8; stakeholder-management "
        "3 .7; conflict-resolution 3 .5; coaching 3 .5; spreadsheets 2 .3",
    ),
    Role(
        "account-executive",
        "Account executive",
        "Sales and marketing",
        7,
        "Wins new customers.",
        "selling 4 1; negotiation 4 .9; presenting 3 .7; active-listening 3 .6; "
        "account-management 2 .5; self-management 2 .4; intercultural 2 .3",
    ),
    Role(
        "customer-success-manager",
        "Customer success manager",
        "Sales and marketing",
        5,
        "Helps customers to reach what they bought the product for.",
        "account-management 4 1; active-listening 3 .8; customer-support 3 .7; presenting 3 .6; "
        "data-visualisation 2 .5; selling 2 .4; conflict-resolution 2 .4",
    ),
    Role(
        "digital-marketer",
        "Digital marketer",
        "Sales and marketing",
        3,
        "Brings the right people to the right page.",
        "digital-marketing 4 1; content-marketing 3 .8; statistics 2 .5; data-visualisation "
        "2 .5; generative-ai 2 .4; clear-writing 3 .5; creativity 2 .4",
    ),
    Role(
        "support-specialist",
        "Support specialist",
        "Sales and marketing",
        7,
        "Solves what customers cannot solve alone.",
        "customer-support 3 1; active-listening 3 .8; clear-writing 2 .7; "
        "problem-solving 2 .6; self-management 2 .4; conflict-resolution 2 .4",
    ),
    Role(
        "financial-analyst",
        "Financial analyst",
        "Finance and operations",
        4,
        "Plans, explains and models the numbers of the business.",
        "financial-modelling 4 1; budgeting 4 .9; spreadsheets 4 .8; "
        "financial-accounting 3 .7; data-visualisation 2 .5; sql 2 .4; presenting 2 .4",
    ),
    Role(
        "accountant",
        "Accountant",
        "Finance and operations",
        4,
        "Keeps the books right and closes them on time.",
        "financial-accounting 5 1; risk-compliance 3 .7; spreadsheets 3 .7; budgeting 2 .5; "
        "process-automation 2 .4; sustainability 2 .3; self-management 2 .3",
    ),
    Role(
        "buyer",
        "Buyer",
        "Finance and operations",
        3,
        "Finds, chooses and keeps good suppliers.",
        "procurement 4 1; negotiation 4 .9; risk-compliance 2 .6; supply-chain 2 .5; "
        "sustainability 2 .4; stakeholder-management 2 .4; intercultural 2 .4",
    ),
    Role(
        "supply-planner",
        "Supply chain planner",
        "Finance and operations",
        5,
        "Has the right stock in the right place.",
        "supply-chain 4 1; spreadsheets 3 .8; statistics 2 .6; quality-management 2 .5; "
        "problem-solving 3 .5; process-automation 2 .4; collaboration 2 .3",
    ),
    Role(
        "operations-manager",
        "Operations manager",
        "Finance and operations",
        3,
        "Runs sites and teams day by day, and better every year.",
        "quality-management 4 1; people-leadership 3 .8; supply-chain 3 .7; process-automation 3 "
        ".6; budgeting 3 .6; change-leadership 3 .5; problem-solving 3 .5",
    ),
    Role(
        "recruiter",
        "Recruiter",
        "People and leadership",
        3,
        "Brings people in, fairly and quickly.",
        "talent-acquisition 4 1; active-listening 3 .7; intercultural 3 .5; "
        "stakeholder-management 2 .5; data-privacy 2 .4; content-marketing 2 .3",
    ),
    Role(
        "learning-partner",
        "Learning partner",
        "People and leadership",
        2,
        "Helps people and teams to learn what they need next.",
        "learning-design 4 1; facilitation 4 .8; coaching 3 .7; presenting 3 .6; "
        "stakeholder-management 3 .5; generative-ai 2 .3; data-visualisation 2 .3",
    ),
    Role(
        "team-lead",
        "Team lead",
        "People and leadership",
        7,
        "Leads a team: its people, its work and its mood.",
        "people-leadership 4 1; coaching 4 .9; conflict-resolution 3 .7; decision-making 3 .6; "
        "change-leadership 3 .6; project-management 2 .5; budgeting 2 .4",
    ),
)

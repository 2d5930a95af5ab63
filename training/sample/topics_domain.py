"""What the sample catalogue teaches in domain skills: hand-written subjects, easiest first in each skill."""

from training.sample.skills import Topic

DOMAIN: dict[str, tuple[Topic, ...]] = {
    "project-management": (
        Topic(1, "Projects in a nutshell", "Goal, scope, time and people: what makes a project a project."),
        Topic(2, "Planning with uncertainty", "Estimates, buffers and the critical path of a small move."),
        Topic(3, "Risks, issues and early warnings", "Keep a register that people read.", "risk-compliance"),
        Topic(4, "Rescuing a troubled project", "Diagnose, replan and win back the sponsor.", "stakeholder-management"),
        Topic(
            5,
            "Steering a portfolio of projects",
            "Choose, stop and sequence when everything is urgent.",
            "decision-making",
        ),
    ),
    "product-management": (
        Topic(1, "What product managers do all day", "Discovery, delivery and the many conversations between them."),
        Topic(
            2,
            "Writing problems instead of features",
            "Frame opportunities so that teams can find better answers.",
            "clear-writing",
        ),
        Topic(3, "Roadmaps that survive reality", "Outcomes, horizons and honest dates.", "stakeholder-management"),
        Topic(
            4,
            "Pricing and packaging digital products",
            "Value, willingness to pay and the experiments to learn about both.",
        ),
        Topic(5, "Product strategy for mature markets", "Find growth where everybody already has one."),
    ),
    "agile-delivery": (
        Topic(1, "Agile, the short version", "Four values, a board and a habit of finishing."),
        Topic(2, "Stories, slices and sprints", "Cut work so that something useful ships each fortnight."),
        Topic(3, "Flow and Kanban metrics", "Limit work in progress and watch lead time fall.", "statistics"),
        Topic(
            4,
            "Scaling agility across teams",
            "Dependencies, cadence and the ceremonies you can drop.",
            "change-leadership",
        ),
    ),
    "user-research": (
        Topic(1, "Talking to users", "Ask about the past, listen, and do not sell."),
        Topic(2, "Usability tests on a shoestring", "Five people, one prototype and a list of surprises."),
        Topic(3, "Surveys that measure something", "Questions, scales and samples you can defend.", "statistics"),
        Topic(4, "From interviews to insight", "Code, cluster and convince with qualitative data."),
    ),
    "financial-accounting": (
        Topic(
            1, "Finance for non-financial people", "Profit, cash and balance: read the three statements of a bakery."
        ),
        Topic(2, "Double entry in practice", "Book a month of transactions and close it."),
        Topic(3, "Revenue recognition made clear", "Contracts, obligations and timing in subscription businesses."),
        Topic(4, "Consolidating a group", "Eliminations, currencies and minority interests."),
        Topic(
            5,
            "Preparing for the annual audit",
            "Evidence, estimates and the questions auditors will ask.",
            "risk-compliance",
        ),
    ),
    "budgeting": (
        Topic(1, "Your first department budget", "From head count to travel: build it, defend it, keep to it."),
        Topic(2, "Forecasts that learn", "Rolling updates instead of one yearly guess.", "spreadsheets"),
        Topic(3, "Variance analysis with a purpose", "Explain the difference and say what to do about it."),
        Topic(4, "Driver-based planning", "Link volumes, people and cost in one living model.", "financial-modelling"),
    ),
    "financial-modelling": (
        Topic(2, "Discounting and present value", "Why a euro tomorrow is not a euro today."),
        Topic(3, "Three-statement models", "Connect income, balance sheet and cash without a plug.", "spreadsheets"),
        Topic(4, "Valuing a company", "Multiples, cash flows and a range instead of a number."),
        Topic(5, "Simulation for financial risk", "Draw ten thousand futures and read the bad ones.", "statistics"),
    ),
    "procurement": (
        Topic(1, "How buying works here", "From need to invoice, and who signs what."),
        Topic(2, "Tenders step by step", "Specify, invite, score and award."),
        Topic(
            3,
            "Contracts for buyers",
            "Liability, service levels and exit clauses in readable terms.",
            "risk-compliance",
        ),
        Topic(4, "Category strategies", "Know a market well enough to choose how to buy from it.", "negotiation"),
    ),
    "supply-chain": (
        Topic(1, "Follow the parcel", "Warehouses, carriers and customs between order and doorbell."),
        Topic(2, "Stock levels that make sense", "Safety stock, reorder points and the price of being out."),
        Topic(3, "Demand planning with sales", "Agree on one number every month.", "statistics"),
        Topic(
            4,
            "Resilient supply networks",
            "Second sources, stress tests and stock in the right place.",
            "risk-compliance",
        ),
        Topic(5, "Optimising a distribution network", "Where to build, what to close and how to prove it.", "python"),
    ),
    "quality-management": (
        Topic(1, "Quality is everybody's job", "Errors, rework and the cost that nobody books."),
        Topic(2, "Lean basics on the floor", "Waste, flow and tidy workplaces, learned in a paper factory."),
        Topic(3, "Statistical process control", "Charts that tell noise from signal.", "statistics"),
        Topic(4, "Auditing a management system", "Plan, interview, find and report without fear.", "active-listening"),
    ),
    "digital-marketing": (
        Topic(1, "Marketing online, an overview", "Search, social, mail and display: what each is good for."),
        Topic(2, "Campaigns you can measure", "Goals, tags and attribution without self-deception."),
        Topic(3, "Search engine craft", "Intent, structure and speed for pages that get found.", "content-marketing"),
        Topic(4, "Marketing analytics and experiments", "Lift, incrementality and budget decisions.", "statistics"),
        Topic(5, "Marketing mix modelling", "Explain sales by channel, season and price.", "machine-learning"),
    ),
    "content-marketing": (
        Topic(1, "Stories customers want to read", "Find subjects at the place where need meets knowledge."),
        Topic(2, "An editorial calendar that lasts", "Plan, write and reuse without burning out."),
        Topic(3, "Video with a telephone", "Light, sound and cut for short explainers.", "creativity"),
        Topic(4, "A tone of voice for the brand", "Guidelines that writers actually follow.", "clear-writing"),
    ),
    "selling": (
        Topic(1, "The first customer call", "Prepare, open and earn the second one."),
        Topic(
            2, "Discovery questions in sales", "Understand the business before showing the product.", "active-listening"
        ),
        Topic(
            3,
            "Building a business case with the buyer",
            "Value, cost and proof in the customer's own numbers.",
            "financial-modelling",
        ),
        Topic(4, "Closing complex deals", "Champions, committees and procurement.", "negotiation"),
        Topic(
            5,
            "Sales leadership and forecasting",
            "Pipelines, coaching and a number you can stand by.",
            "people-leadership",
        ),
    ),
    "account-management": (
        Topic(1, "Knowing your customer", "People, goals and history on one page."),
        Topic(2, "Onboarding that sticks", "The first ninety days decide the renewal."),
        Topic(3, "Health scores and churn signals", "See a silent goodbye before it is spoken.", "data-visualisation"),
        Topic(
            4,
            "Growing strategic accounts",
            "Joint plans, sponsors and reviews worth the journey.",
            "stakeholder-management",
        ),
    ),
    "customer-support": (
        Topic(1, "Help desk fundamentals", "Greet, understand, solve and record."),
        Topic(
            2, "Writing answers customers understand", "Tone, steps and templates without stiffness.", "clear-writing"
        ),
        Topic(3, "Knowledge bases that shrink the queue", "Capture once, find always.", "learning-design"),
        Topic(4, "Running a support team", "Shifts, quality and mood under a full inbox.", "people-leadership"),
    ),
    "talent-acquisition": (
        Topic(1, "Recruiting basics", "From vacancy to first day."),
        Topic(2, "Structured interviews", "Same questions, clear anchors, fairer choices."),
        Topic(3, "Sourcing in scarce markets", "Search, approach and keep in touch.", "digital-marketing"),
        Topic(4, "Workforce planning", "Skills, scenarios and the hires you will not need.", "data-visualisation"),
    ),
    "learning-design": (
        Topic(1, "How adults learn", "Practice, spacing and meaning in place of slides."),
        Topic(2, "Designing a short course", "From performance goal to exercise in one page."),
        Topic(3, "Assessments that measure skill", "Tasks, rubrics and evidence.", "statistics"),
        Topic(4, "A skills framework for the company", "Define, validate and keep it alive.", "stakeholder-management"),
    ),
    "data-privacy": (
        Topic(1, "Personal data in daily work", "What counts, what you may do and whom to ask."),
        Topic(2, "Privacy by design", "Collect less, keep it shorter and explain it better.", "data-modelling"),
        Topic(3, "Impact assessments step by step", "Describe, weigh and reduce risk to people."),
        Topic(4, "Anonymisation and its limits", "Re-identify a data set, then protect it properly.", "statistics"),
    ),
    "risk-compliance": (
        Topic(1, "Rules and why we have them", "Three lines of defence told through three true-to-life cases."),
        Topic(2, "Internal controls that help", "Segregation, approval and evidence without paralysis."),
        Topic(3, "Assessing third parties", "Due diligence for suppliers and partners.", "procurement"),
        Topic(
            4,
            "Governing the use of AI",
            "Inventory, risk classes and oversight for automated decisions.",
            "generative-ai",
        ),
        Topic(
            5,
            "Enterprise risk for executives",
            "Appetite, scenarios and a report the board discusses.",
            "decision-making",
        ),
    ),
    "sustainability": (
        Topic(1, "Carbon, counted", "Scopes, factors and your own department's footprint."),
        Topic(2, "Greener purchasing", "Criteria, labels and questions for suppliers.", "procurement"),
        Topic(3, "Sustainability reports people believe", "Materiality, data and assurance.", "clear-writing"),
        Topic(4, "Climate risk in financial planning", "Scenarios, exposure and disclosure.", "financial-modelling"),
    ),
}

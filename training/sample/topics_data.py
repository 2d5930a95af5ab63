"""What the sample catalogue teaches about data, models and office tools: hand-written subjects, easiest first."""

from training.sample.skills import Topic

DATA: dict[str, tuple[Topic, ...]] = {
    "python": (
        Topic(1, "First steps in Python", "Write and run your first small programs: values, loops and functions."),
        Topic(
            2,
            "Python for everyday data chores",
            "Read messy files, tidy them and save an hour a week.",
            "data-engineering",
        ),
        Topic(
            3,
            "Writing Python others can read",
            "Names, modules, types and tests that let a colleague change your code.",
        ),
        Topic(
            4,
            "Fast Python with NumPy",
            "Replace slow loops by array thinking and measure what you gained.",
            "statistics",
        ),
        Topic(
            5, "Inside the Python runtime", "Memory, concurrency and profiling for those who maintain shared libraries."
        ),
    ),
    "sql": (
        Topic(
            1,
            "Asking questions of a database",
            "Select, filter and sort: get your own answers without waiting for a report.",
        ),
        Topic(
            2, "Joins without tears", "See which rows survive each kind of join, and why totals double when they do."
        ),
        Topic(
            3,
            "Window functions at work",
            "Running totals, rankings and gaps, each worked out on sales and support data.",
        ),
        Topic(
            4,
            "Reading a query plan",
            "Find out why a query is slow, choose an index and prove that it helped.",
            "data-modelling",
        ),
        Topic(
            5,
            "Tuning a warehouse that serves thousands",
            "Partitioning, caching and workload isolation on very large tables.",
        ),
    ),
    "data-modelling": (
        Topic(1, "What a table should be", "Keys, rows and facts, explained with the tables of a lending library."),
        Topic(2, "Entities and relationships on one page", "Draw the model of a business before anybody builds it."),
        Topic(
            3, "Star schemas for analysts", "Design facts and dimensions which answer tomorrow's question too.", "sql"
        ),
        Topic(
            4,
            "History that can be trusted",
            "Keep what was known when: slowly changing dimensions and bitemporal tables.",
        ),
        Topic(
            5,
            "A shared vocabulary for a whole company",
            "Bring twelve departments to agree on what a customer is.",
            "stakeholder-management",
        ),
    ),
    "data-engineering": (
        Topic(
            1,
            "Where data comes from",
            "Follow one order from the till to the dashboard and meet every system on the way.",
        ),
        Topic(
            2,
            "Your first pipeline",
            "Load, check and publish a daily file, and notice when it does not arrive.",
            "python",
        ),
        Topic(
            3, "Batch jobs that can be run again", "Idempotent loads, backfills and late rows without sleepless nights."
        ),
        Topic(
            4,
            "Streams and events in practice",
            "Ordering, windows and exactly-once claims, tested on a live stream of clicks.",
        ),
        Topic(
            5,
            "Designing a data platform",
            "Ownership, contracts and cost for dozens of teams that publish data.",
            "software-architecture",
        ),
    ),
    "statistics": (
        Topic(1, "Averages and what they hide", "Read spread, shape and outliers before you trust one number."),
        Topic(2, "Sampling without fooling yourself", "Plan a survey or a count so that its result means something."),
        Topic(
            3,
            "A/B tests from plan to decision",
            "Power, peeking and practical effect, practised on realistic experiments.",
        ),
        Topic(4, "Regression you can explain", "Fit, check and explain models to people who must act on them."),
        Topic(
            5,
            "Causal inference from observational data",
            "Draw assumptions, adjust for confounders and say what remains unknown.",
        ),
    ),
    "data-visualisation": (
        Topic(
            1, "Choosing the right chart", "Match the question with the picture: comparison, change, share or relation."
        ),
        Topic(
            2, "Dashboards people come back to", "Lay out a page so that the first glance answers the first question."
        ),
        Topic(
            3, "Telling a story with numbers", "Turn an analysis into five slides with one message each.", "presenting"
        ),
        Topic(
            4,
            "Interactive graphics on the web",
            "Build charts that respond to the reader, from scales to transitions.",
            "typescript",
        ),
    ),
    "machine-learning": (
        Topic(
            1, "How machines learn, in plain words", "What training, features and errors are, without a single formula."
        ),
        Topic(
            2,
            "Your first predictive model",
            "Predict who renews a contract, and measure whether that beats a guess.",
            "python",
        ),
        Topic(3, "Features, folds and leakage", "Build a model whose test score holds in real life."),
        Topic(
            4, "Forecasting demand", "Baselines, seasonality and boosted trees on five years of orders.", "statistics"
        ),
        Topic(4, "Recommender systems by example", "From most popular to next best item, with an honest evaluation."),
        Topic(
            5,
            "Running models in production",
            "Drift, retraining and rollback for models that make decisions every second.",
            "continuous-delivery",
        ),
    ),
    "deep-learning": (
        Topic(
            2,
            "Neural networks from scratch",
            "Build a small network by hand and watch it learn digits.",
            "machine-learning",
        ),
        Topic(
            3, "Seeing with convolutional networks", "Classify product photos and find out what the network looks at."
        ),
        Topic(4, "Transformers step by step", "Attention, positions and training, each piece coded and tested."),
        Topic(
            5,
            "Training large models on small budgets",
            "Mixed precision, sharding and distillation when every hour costs money.",
        ),
    ),
    "generative-ai": (
        Topic(
            1,
            "Generative AI in your working day",
            "Draft, summarise and check with an assistant, and know when not to.",
        ),
        Topic(
            2,
            "Prompts that hold up",
            "Give context, examples and limits so that the tenth answer is as good as the first.",
        ),
        Topic(
            3,
            "Answers from your own documents",
            "Search, ground and cite: retrieval for an assistant that does not invent.",
        ),
        Topic(
            4,
            "Judging the quality of language models",
            "Test sets, graders and red teams for features built upon text models.",
            "test-automation",
        ),
        Topic(
            5,
            "Assistants that act",
            "Tools, plans and permissions for software agents in business processes.",
            "application-security",
        ),
    ),
    "spreadsheets": (
        Topic(1, "Spreadsheets from zero", "Cells, formulas and references in an afternoon."),
        Topic(2, "Lookups and pivot tables", "Combine lists and summarise ten thousand rows with a few clicks."),
        Topic(
            3,
            "Models that survive a handover",
            "Structure, checks and notes so that your successor is not afraid.",
            "financial-modelling",
        ),
        Topic(
            4,
            "Power users' toolbox",
            "Array formulas, queries and scripting for recurring reports.",
            "process-automation",
        ),
    ),
}

"""What the sample catalogue teaches about building and running software: hand-written subjects, easiest first."""

from training.sample.skills import Topic

SOFTWARE: dict[str, tuple[Topic, ...]] = {
    "java": (
        Topic(1, "Java for newcomers", "Classes, collections and a small booking program."),
        Topic(2, "Streams and lambdas", "Express what you want instead of how to loop for it."),
        Topic(
            3,
            "Services with a modern framework",
            "Build, configure and test a service which talks to a database.",
            "api-design",
        ),
        Topic(
            4,
            "Concurrency without surprises",
            "Threads, locks and virtual threads, with the bugs that each one invites.",
        ),
        Topic(
            5,
            "Keeping the JVM fast",
            "Garbage collection, flight recordings and latency at the far end of the curve.",
            "observability",
        ),
    ),
    "typescript": (
        Topic(1, "The web page, explained", "Markup, style and script: what a browser does between click and picture."),
        Topic(2, "From JavaScript to TypeScript", "Types that catch tomorrow's bug while you are typing."),
        Topic(
            3, "Components that stay simple", "State, properties and effects in a component library of moderate size."
        ),
        Topic(
            4,
            "Accessible front ends",
            "Keyboard, contrast and screen readers, tested with the people who need them.",
            "ui-design",
        ),
        Topic(
            5,
            "Front-end performance clinic",
            "Bundles, rendering and real-user measurements on a slow phone.",
            "observability",
        ),
    ),
    "api-design": (
        Topic(2, "HTTP for people who build things", "Methods, status codes and caching, seen on the wire."),
        Topic(
            3,
            "Interfaces your clients will thank you for",
            "Resources, errors and paging described once and kept stable.",
        ),
        Topic(
            3,
            "GraphQL or REST? Choosing with care",
            "Build the same service twice and compare what it costs to change.",
        ),
        Topic(
            4,
            "Versioning without breaking anyone",
            "Deprecate, migrate and measure while hundreds of clients depend on you.",
        ),
    ),
    "software-architecture": (
        Topic(
            2,
            "Drawing systems so that others understand",
            "Boxes, arrows and levels of detail for everyday design talks.",
        ),
        Topic(
            3, "Modules, layers and where to cut", "Coupling and cohesion on a code base that has grown for ten years."
        ),
        Topic(
            4,
            "Distributed systems for practitioners",
            "Timeouts, retries, consensus and the failures that will happen anyway.",
        ),
        Topic(
            4, "Untangling a legacy system", "Seams, strangler patterns and the courage to delete.", "change-leadership"
        ),
        Topic(
            5,
            "Architecture as a shared decision",
            "Records, reviews and trade-offs when no single person knows it all.",
            "decision-making",
        ),
    ),
    "test-automation": (
        Topic(1, "Why we test, and what", "Risk, coverage and the tests that pay for themselves."),
        Topic(2, "Unit tests you trust", "Small, fast and honest tests, and how to see each of them fail once."),
        Topic(
            3,
            "Browser tests that do not flake",
            "Selectors, waiting and test data for suites that run every hour.",
            "typescript",
        ),
        Topic(
            4,
            "Property-based and contract testing",
            "State laws instead of examples and let the machine look for trouble.",
        ),
    ),
    "continuous-delivery": (
        Topic(
            1, "Version control for everyone", "Commits, branches and reviews, also for those who do not write code."
        ),
        Topic(2, "Pipelines that build confidence", "From commit to tested artefact in ten minutes."),
        Topic(3, "Releasing without drama", "Feature flags, canaries and rollbacks practised on a live service."),
        Topic(
            4, "Infrastructure as code", "Describe, review and rebuild an environment from nothing.", "cloud-platforms"
        ),
    ),
    "containers": (
        Topic(1, "Containers in one morning", "What an image is, how to run one and where its data goes."),
        Topic(
            2,
            "Building small, safe images",
            "Layers, users and scanning for images you dare to ship.",
            "application-security",
        ),
        Topic(
            3,
            "Kubernetes for application teams",
            "Deployments, probes and resources from the point of view of one service.",
        ),
        Topic(
            4, "Operating clusters", "Upgrades, capacity and incidents for those who carry the pager.", "observability"
        ),
        Topic(
            5, "Writing operators and controllers", "Extend the control plane with reconciliation loops of your own."
        ),
    ),
    "cloud-platforms": (
        Topic(
            1, "The cloud without the buzzwords", "Rented computers, storage and networks, and what each of them costs."
        ),
        Topic(2, "Deploying your first cloud application", "Compute, storage and secrets for a small web shop."),
        Topic(3, "Cloud cost under control", "Find waste, right-size and explain the bill to finance.", "budgeting"),
        Topic(
            4,
            "Designing for failure across regions",
            "Replication, failover and rehearsed recovery.",
            "software-architecture",
        ),
        Topic(
            5,
            "Landing zones for large organisations",
            "Accounts, guard rails and self-service for a thousand engineers.",
            "identity-access",
        ),
    ),
    "linux": (
        Topic(1, "Finding your way round the shell", "Files, pipes and permissions on a practice machine."),
        Topic(2, "Shell scripts that fail safely", "Quoting, exit codes and traps, learned from broken scripts."),
        Topic(3, "Services, logs and updates", "Keep a fleet of servers healthy and patched."),
        Topic(
            4, "Performance troubleshooting on Linux", "From load average to the guilty system call.", "observability"
        ),
    ),
    "networking": (
        Topic(1, "How the internet finds you", "Addresses, names and routes, followed packet by packet."),
        Topic(2, "Subnets, switches and wireless", "Plan the network of an office with two hundred desks."),
        Topic(
            3, "Routing and load balancing", "Move traffic where it should go and see what happens when a link dies."
        ),
        Topic(
            4, "Zero trust networks", "Replace the castle wall by identity, policy and encryption.", "identity-access"
        ),
    ),
    "observability": (
        Topic(2, "Logs, metrics and traces", "Three views of one request, and which to open first."),
        Topic(
            3,
            "Service levels that matter to users",
            "Choose indicators, set objectives and spend the error budget wisely.",
        ),
        Topic(
            4, "Learning from incidents", "Timelines, contributing causes and follow-ups without blame.", "facilitation"
        ),
        Topic(5, "Tracing a thousand services", "Sampling, context and cost in very large systems."),
    ),
    "application-security": (
        Topic(1, "How software gets attacked", "The ten most common holes, each shown on a deliberately weak shop."),
        Topic(2, "Secure coding habits", "Validate, encode and authorise by default."),
        Topic(
            3,
            "Threat modelling in an afternoon",
            "Draw the system, ask what can go wrong and decide what to do.",
            "facilitation",
        ),
        Topic(4, "Breaking your own web application", "A guided penetration test from reconnaissance to report."),
        Topic(
            5,
            "Supply chain security for software",
            "Signed builds, provenance and the dependencies of your dependencies.",
            "continuous-delivery",
        ),
    ),
    "security-monitoring": (
        Topic(2, "A day in a security operations centre", "Alerts, triage and escalation on a recorded shift."),
        Topic(3, "Hunting in the logs", "Form a hypothesis, query a month of events and know when to stop.", "sql"),
        Topic(
            4,
            "Incident response rehearsal",
            "Contain, eradicate and communicate during a simulated ransom attack.",
            "decision-making",
        ),
        Topic(5, "Reverse engineering malware", "Take a suspicious file apart in a safe laboratory."),
    ),
    "identity-access": (
        Topic(1, "Passwords, passkeys and people", "What proves who you are, and how each proof is stolen."),
        Topic(2, "Single sign-on explained", "Tokens, claims and redirects, followed through one login."),
        Topic(3, "Roles and permissions that scale", "Design access for joiners, movers and leavers."),
        Topic(
            4,
            "Access reviews auditors accept",
            "Evidence, recertification and least privilege in practice.",
            "risk-compliance",
        ),
    ),
    "ui-design": (
        Topic(1, "Seeing like a designer", "Contrast, alignment and rhythm, trained on everyday screens."),
        Topic(
            2,
            "From sketch to clickable prototype",
            "Try an idea with users before anyone writes code.",
            "user-research",
        ),
        Topic(3, "Design systems in practice", "Tokens, components and the conversations that keep them alive."),
        Topic(
            4, "Designing for everyone", "Inclusive forms, language and motion for permanent and passing impairments."
        ),
    ),
    "process-automation": (
        Topic(
            1,
            "Spotting work a machine should do",
            "Find the repetitive minutes in your week and estimate what they cost.",
        ),
        Topic(2, "Workflows without code", "Connect mail, forms and lists with a flow that asks before it acts."),
        Topic(3, "Robots for back-office tasks", "Record, harden and hand over software robots.", "quality-management"),
        Topic(
            4,
            "Governing a hundred automations",
            "Ownership, access and monitoring once everybody automates.",
            "risk-compliance",
        ),
    ),
}

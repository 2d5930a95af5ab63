"""What the sample catalogue teaches in human skills: hand-written subjects, easiest first in each skill."""

from training.sample.skills import Topic

HUMAN: dict[str, tuple[Topic, ...]] = {
    "clear-writing": (
        Topic(1, "E-mails that get an answer", "Say what you need in the first line and make it easy to reply."),
        Topic(2, "Plain language at work", "Short words, active verbs and one thought a sentence."),
        Topic(
            3,
            "Writing proposals that win support",
            "Structure an argument for readers who have two minutes.",
            "stakeholder-management",
        ),
        Topic(4, "Technical documentation people use", "Tutorials, references and explanations, each in its place."),
        Topic(5, "Editing other people's work", "Improve a text without taking it away from its author.", "coaching"),
    ),
    "presenting": (
        Topic(1, "Your first five minutes on stage", "Breathe, begin and be heard, with a friendly audience."),
        Topic(2, "Slides that help you speak", "One idea each, few words, and no reading aloud."),
        Topic(
            3, "Presenting to executives", "Start with the decision, keep the detail ready and welcome interruption."
        ),
        Topic(4, "Hard questions, calm answers", "Handle doubt, hostility and the question you hoped would not come."),
    ),
    "active-listening": (
        Topic(1, "Listening before answering", "Notice how often we prepare a reply while the other still speaks."),
        Topic(2, "Questions that open a conversation", "Open, closed and circular questions, practised in threes."),
        Topic(
            3,
            "Hearing what is not said",
            "Needs and worries behind positions, with exercises in pairs.",
            "conflict-resolution",
        ),
        Topic(
            4,
            "Difficult conversations with customers",
            "Stay with the person while you solve the problem.",
            "customer-support",
        ),
    ),
    "facilitation": (
        Topic(1, "Meetings worth attending", "Purpose, agenda and an ending on time."),
        Topic(2, "Workshops that produce something", "Plan a half-day from the wanted result backwards."),
        Topic(
            3,
            "Retrospectives that change things",
            "Formats, follow-up and safety for honest reviews.",
            "agile-delivery",
        ),
        Topic(
            4, "Facilitating large groups online", "Breakouts, boards and energy with sixty people in sixty windows."
        ),
    ),
    "coaching": (
        Topic(2, "Feedback that lands", "Observation, effect and wish: a pattern you can use tomorrow."),
        Topic(
            3,
            "The manager as coach",
            "Ask more, tell less and let the other person find the next step.",
            "people-leadership",
        ),
        Topic(4, "Mentoring across departments", "Contract, meet and part well with someone outside your line."),
        Topic(5, "Supervision for internal coaches", "Reflect on your own cases with experienced peers."),
    ),
    "people-leadership": (
        Topic(1, "Thinking of becoming a lead?", "What changes when your work is other people's work."),
        Topic(2, "New manager essentials", "One-to-ones, delegation and the first ninety days.", "coaching"),
        Topic(3, "Delegating with trust", "Hand over results instead of tasks, and stay in touch without hovering."),
        Topic(3, "Leading teams you rarely see", "Rhythm, trust and visibility in distributed teams.", "collaboration"),
        Topic(4, "Performance conversations with care", "Prepare, hold and follow up the talk that nobody likes."),
        Topic(5, "Leading leaders", "Direction, culture and succession across several teams.", "change-leadership"),
    ),
    "change-leadership": (
        Topic(2, "Why people resist change", "Loss, habit and trust, seen from the other chair."),
        Topic(
            3, "Planning a change people can follow", "Sponsors, stories and small wins along a realistic time line."
        ),
        Topic(
            4,
            "Communicating through a reorganisation",
            "Say what is known, what is not, and when more will be.",
            "clear-writing",
        ),
        Topic(
            5, "Building an organisation that learns", "Experiments, feedback loops and the leadership they ask for."
        ),
    ),
    "decision-making": (
        Topic(1, "Thinking traps and how to avoid them", "Anchors, sunk costs and other habits of a hurried mind."),
        Topic(2, "Deciding together, quickly", "Consent, consensus or call: pick the rule before the debate."),
        Topic(3, "Deciding with incomplete data", "Scenarios, probabilities and the value of waiting.", "statistics"),
        Topic(4, "Strategic choices under pressure", "A simulated crisis, three rounds and a frank debrief."),
    ),
    "negotiation": (
        Topic(1, "Negotiating everyday things", "Interests, options and alternatives, from desk space to deadlines."),
        Topic(2, "Preparing a negotiation", "Know your limits, guess theirs and plan the first offer.", "procurement"),
        Topic(3, "Bargaining at the table", "Concessions, pauses and packages, practised with live cases.", "selling"),
        Topic(4, "Multi-party deals", "Coalitions, mediators and agreements that last longer than the dinner."),
    ),
    "conflict-resolution": (
        Topic(1, "Conflict is information", "See early signs and talk before positions harden."),
        Topic(2, "Mediating between colleagues", "Lead two people from blame to an agreement."),
        Topic(3, "Setting boundaries respectfully", "Say no, stay kind and keep the relationship.", "self-management"),
        Topic(4, "Rebuilding trust in a team", "After the storm: repair, rules and patience.", "people-leadership"),
    ),
    "self-management": (
        Topic(1, "Planning a week that works", "Energy, priorities and room for surprises."),
        Topic(1, "Focus in a noisy office", "Shape your attention, your notifications and your calendar."),
        Topic(2, "Resilience under pressure", "Recognise stress early and recover on purpose."),
        Topic(2, "Returning after a long leave", "Find your place again after parenthood, care or illness."),
        Topic(3, "Designing your own career", "Strengths, experiments and conversations for the next step."),
    ),
    "problem-solving": (
        Topic(1, "Asking why five times", "Get behind the symptom with a simple routine."),
        Topic(2, "Structuring messy problems", "Trees, hypotheses and the courage to leave branches out."),
        Topic(
            3,
            "Root cause analysis in practice",
            "Evidence, fishbones and countermeasures on real shop-floor cases.",
            "quality-management",
        ),
        Topic(4, "Systems thinking", "Loops, delays and leverage points in problems that come back."),
    ),
    "creativity": (
        Topic(1, "Ideas on demand", "Twelve techniques for the moment when nothing comes."),
        Topic(
            2,
            "Design thinking in two days",
            "Observe, define, ideate, prototype, test, with a real client.",
            "user-research",
        ),
        Topic(3, "Sketching your thoughts", "Visual notes and diagrams for those who cannot draw.", "presenting"),
    ),
    "stakeholder-management": (
        Topic(1, "Who has a say?", "Map the people around your work and what each of them needs."),
        Topic(2, "Saying no to a good idea", "Protect the plan and keep the friend.", "negotiation"),
        Topic(3, "Influence without authority", "Move people who do not report to you."),
        Topic(
            4, "Working with boards and committees", "Papers, pre-meetings and the politics of approval.", "presenting"
        ),
    ),
    "collaboration": (
        Topic(1, "Being a good colleague remotely", "Write things down, be reachable, and be offline."),
        Topic(2, "Team agreements that hold", "Make expectations visible before they are broken."),
        Topic(
            3,
            "Collaborating across departments",
            "Shared goals, hand-overs and the cost of waiting.",
            "stakeholder-management",
        ),
        Topic(
            4,
            "Psychological safety for team leads",
            "What leaders do, minute by minute, that lets people speak.",
            "people-leadership",
        ),
    ),
    "intercultural": (
        Topic(1, "Working with colleagues abroad", "Time, directness and hierarchy, seen from five countries."),
        Topic(2, "Understanding bias", "Notice quick judgements and slow them down."),
        Topic(
            3,
            "Inclusive teams by design",
            "Meetings, hiring and daily habits which leave nobody outside.",
            "people-leadership",
        ),
        Topic(
            4, "Negotiating across cultures", "Signals, silence and saving face in international deals.", "negotiation"
        ),
    ),
}

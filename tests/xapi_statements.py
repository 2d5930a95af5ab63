"""Statements in the shapes in which platforms send them, with made-up people and places.

Each shape follows what the platform documents or what its open source builds; a comment names it.
"""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]

ADL = "http://adlnet.gov/expapi/verbs/"
AT = 1_772_357_400
"""2026-03-01T09:30:00Z."""

# Moodle, plugin logstore_xapi, src/transformer/events/core/course_completed.php: an account of the site and the user's
# number, `en` names, the platform in the context's extensions, grouping by the site.
MOODLE: Json = {
    "actor": {"name": "Ann Example", "account": {"homePage": "https://moodle.example.com", "name": "42"}},
    "verb": {"id": ADL + "completed", "display": {"en": "completed"}},
    "object": {
        "id": "https://moodle.example.com/course/view.php?id=7",
        "definition": {
            "type": "http://id.tincanapi.com/activitytype/lms/course",
            "name": {"en": "Spreadsheets"},
            "extensions": {"https://w3id.org/learning-analytics/learning-management-system/short-id": "XLS"},
        },
    },
    "timestamp": "2026-03-01T09:30:00+00:00",
    "context": {
        "platform": "Moodle",
        "language": "en",
        "extensions": {
            "http://lrs.learninglocker.net/define/extensions/info": {
                "http://moodle.org": "4.1",
                "event_name": "\\core\\event\\course_completed",
                "event_function": "\\src\\transformer\\events\\core\\course_completed",
            }
        },
        "contextActivities": {
            "grouping": [
                {
                    "id": "https://moodle.example.com",
                    "definition": {
                        "type": "http://id.tincanapi.com/activitytype/lms",
                        "name": {"en": "Academy"},
                    },
                }
            ],
            "category": [
                {
                    "id": "http://moodle.org",
                    "definition": {"type": "http://id.tincanapi.com/activitytype/source", "name": {"en": "Moodle"}},
                }
            ],
        },
    },
}

# Articulate Storyline 360, published for an LRS: the `passed` of the course with an mbox, und/en-US names, whole numbers
# in the score, a duration with fractions, and an id made by the player.
STORYLINE: Json = {
    "id": "b9c0ab7e-5f0d-4d1c-9a77-0b5a2f0e0a01",
    "actor": {"objectType": "Agent", "name": "Ann Example", "mbox": "mailto:Ann@Example.com"},
    "verb": {"id": ADL + "passed", "display": {"en-US": "passed"}},
    "object": {
        "objectType": "Activity",
        "id": "http://5kQexampleStory_course_id",
        "definition": {
            "type": "http://adlnet.gov/expapi/activities/course",
            "name": {"und": "Spreadsheets"},
            "description": {"und": ""},
        },
    },
    "result": {
        "score": {"scaled": 0.9, "raw": 90, "min": 0, "max": 100},
        "success": True,
        "completion": True,
        "duration": "PT17M32.45S",
    },
    "context": {
        "registration": "A7C6B3D0-8E0A-4D7B-8B2F-6D0F0E3A1B11",
        "contextActivities": {"parent": [], "grouping": [{"id": "http://5kQexampleStory_course_id"}]},
    },
    "timestamp": "2026-03-01T09:32:10.412Z",
}

# SCORM Cloud, statements made of a SCORM registration: lower-case account of the learner id, `scormcloud` home page,
# raw score without `scaled`, a stored time and a version of its own.
SCORM_CLOUD: Json = {
    "id": "0f6f7a52-3b62-4a9b-9a4e-2f3d6e1c7a10",
    "actor": {
        "objectType": "Agent",
        "account": {"homePage": "http://cloud.scorm.com", "name": "ann@example.com"},
        "name": "Ann Example",
    },
    "verb": {"id": ADL + "completed", "display": {"und": "completed"}},
    "object": {"objectType": "Activity", "id": "http://scorm.example.com/courses/safety"},
    "result": {"score": {"raw": 40.0, "min": 0.0, "max": 50.0}, "completion": True, "duration": "PT0H12M0S"},
    "context": {
        "registration": "5d9b4a6e-64d1-4b5e-a0a5-4e4b6c8ef8b7",
        "contextActivities": {
            "category": [{"id": "http://id.tincanapi.com/recipe/scorm-profile/base/1", "objectType": "Activity"}]
        },
    },
    "timestamp": "2026-03-01T09:30:00.000Z",
    "stored": "2026-03-01T09:30:01.120Z",
    "version": "1.0.0",
    "authority": {
        "objectType": "Agent",
        "account": {"homePage": "http://cloud.scorm.com/", "name": "anonymous"},
    },
}


def cmi5(verb: str, *, minute: int = 30, percent: int | None = None) -> Json:
    """Return a statement of a cmi5 course (cmi5, sections 9.3 to 9.6), as an assignable unit sends it."""
    result: Json = {"completion": True} if verb == "completed" else {"success": verb == "passed"}
    if percent is not None:
        result = {"extensions": {"https://w3id.org/xapi/cmi5/result/extensions/progress": percent}}
    else:
        result["duration"] = "PT1H30M"
    return {
        "actor": {"objectType": "Agent", "account": {"homePage": "https://lms.example.com/", "name": "ann"}},
        "verb": {"id": ADL + verb, "display": {"en": verb}},
        "object": {"objectType": "Activity", "id": "https://lms.example.com/au/7"},
        "result": result,
        "timestamp": f"2026-03-01T09:{minute}:00.000+00:00",
        "context": {
            "registration": "4c1b8a5e-0a44-4f5c-8a83-2fb0ad8c7a55",
            "contextActivities": {
                "category": [
                    {"id": "https://w3id.org/xapi/cmi5/context/categories/cmi5"},
                    {"id": "https://w3id.org/xapi/cmi5/context/categories/moveon"},
                ],
                "grouping": [{"id": "https://lms.example.com/publisher/au/7"}],
            },
            "extensions": {
                "https://w3id.org/xapi/cmi5/context/extensions/sessionid": "0d7e",
                "https://w3id.org/xapi/cmi5/context/extensions/masteryscore": 0.8,
            },
        },
    }


# Totara, `totara_xapi`, as its H5P and course statements: the agent by an openid-like profile address, tenant in the
# extensions, the time with an offset.
TOTARA: Json = {
    "actor": {"objectType": "Agent", "openid": "https://totara.example.com/user/profile/ann"},
    "verb": {"id": ADL + "completed", "display": {"en-GB": "completed"}},
    "object": {
        "objectType": "Activity",
        "id": "https://totara.example.com/course/view.php?id=12",
        "definition": {"name": {"en-GB": "Fire safety"}, "moreInfo": "https://totara.example.com/info"},
    },
    "result": {"completion": True, "response": ""},
    "context": {"platform": "Totara", "revision": "17.0", "extensions": {"https://totara.example.com/x/tenant": None}},
    "timestamp": "2026-03-01T10:30:00+01:00",
}

# H5P (h5p-core, js/h5p-x-api-event.js): `completed` by its main content with an mbox_sha1sum where the site hides
# addresses, a category that names the library, the score as `raw` of `max`, no id and no timestamp.
H5P: Json = {
    "actor": {
        "objectType": "Agent",
        "name": "Ann Example",
        "mbox_sha1sum": "a82e6a9b3c3a3d2a0f5c3f2d7a8d5e4f3b2a1c0d",
    },
    "verb": {"id": ADL + "completed", "display": {"en-US": "completed"}},
    "object": {
        "id": "https://lms.example.com/h5p/embed/5",
        "objectType": "Activity",
        "definition": {
            "extensions": {"http://h5p.org/x-api/h5p-local-content-id": 5},
            "name": {"en-US": "Interactive video"},
            "interactionType": "compound",
            "type": "http://adlnet.gov/expapi/activities/cmi.interaction",
            "description": {"en-US": ""},
        },
    },
    "context": {
        "contextActivities": {
            "category": [{"id": "http://h5p.org/libraries/H5P.InteractiveVideo-1.22", "objectType": "Activity"}]
        },
        "extensions": {"http://id.tincanapi.com/extension/ending-point": "PT62S"},
    },
    "result": {
        "score": {"min": 0, "max": 4, "raw": 3, "scaled": 0.75},
        "completion": True,
        "success": True,
        "duration": "PT62.5S",
    },
}

PLATFORMS: dict[str, Json] = {
    "moodle": MOODLE,
    "storyline": STORYLINE,
    "scorm_cloud": SCORM_CLOUD,
    "cmi5": cmi5("passed"),
    "totara": TOTARA,
    "h5p": H5P,
}


def voiding(statement_id: str, **more: Any) -> Json:
    """Return a statement that voids another (xAPI 1.0.3 part 2, 2.3.2)."""
    return {
        "actor": {"objectType": "Agent", "name": "Admin", "mbox": "mailto:admin@example.com"},
        "verb": {"id": ADL + "voided", "display": {"en-US": "voided"}},
        "object": {"objectType": "StatementRef", "id": statement_id},
        **more,
    }


def said(verb: str, *, at: str, course: str = "c1", who: str = "ann@example.com", **result: Any) -> Json:
    """Return a plain statement."""
    return {
        "actor": {"mbox": f"mailto:{who}"},
        "verb": {"id": ADL + verb},
        "object": {"id": f"https://courses.example.com/{course}"},
        "result": result,
        "timestamp": at,
    }

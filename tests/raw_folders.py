"""Small hand-written folders of the shape each source is published in, and how to read what an import wrote."""

from __future__ import annotations

import csv
from pathlib import Path

ONET_RATING = "O*NET-SOC Code,Element ID,Element Name,Scale ID,Data Value,Recommend Suppress,Not Relevant\n"

FOLDERS: dict[str, dict[str, str]] = {
    "mars": {
        "items_en.csv": (
            "item_id,language,name,nb_views,description,created_at,Difficulty,Job,Software,Theme,duration,type\n"
            '510,en,Your  first table,9.0,"Type,\nthen save.",2016,Beginner,'
            "\"['Accounting', 'Manager']\",['Excel'],\"['Share', 'Discover']\",360.0,tutorial\n"
            "511,en,Write a letter,,,2016,,['Accounting'],['Word'],[],90.0,use_case\n"
            "512,en,Pivot tables,,,2018,Intermediate,"
            "\"['Financial', 'Accounting']\",['Excel'],['New features'],36.0,webcast\n"
        ),
        "users_en.csv": "user_id,job\n1,comptabilité\n2,N/A\n3,accounting\n4,astronaut\n6,general management\n",
        "implicit_ratings_en.csv": (
            "item_id,user_id,created_at\n"
            "510,1,2017-03-01 10:00:00\n"
            "510,1,2017-03-01 10:00:00\n"
            "510,1,2017-04-01 10:00:00\n"
            "511,1,2019-01-01 09:00:00\n"
            "512,2,2017-05-01 08:00:00\n"
            "999,5,2017-06-01 08:00:00\n"
        ),
        "explicit_ratings_en.csv": (
            "user_id,item_id,watch_percentage,created_at,rating\n"
            "1,511,30,2019-01-01 09:00:20,3\n"
            "1,512,80,2019-02-01 09:00:00,8\n"
            "2,510,79,2019-03-01 09:00:00,8\n"
            "2,510,40,2019-03-02 09:00:00,4\n"
            "3,510,100,2019-04-01 09:00:00,10\n"
            "3,510,12,2019-04-01 09:00:00,2\n"
        ),
    },
    "coco": {
        "courses.csv": (
            "course_id,slug,categories,concepts,level,language,target_audience_isco08\n"
            "7,learn-sql_fast,development|databases|development,SQL|SQL|Soap,beginner,english,Sales workers\n"
            "8,curso-de-c,development,SOAP,esperto,spanish,\n"
            "9,hello,other,,all,klingon,\n"
        ),
        "events.csv": "learner,course,unix_time\nL1,7,1490096996\nL1,7,1490096996\nL2,8,0\nL2,44,86400\n",
    },
    "onet": {
        "Occupation_Data.csv": (
            "O*NET-SOC Code,Title,Description\n15-1252.00,Software Developers,Write software.\n"
            "55-9999.00,Scouts,Look ahead.\n"
        ),
        "Job_Zones.csv": "O*NET-SOC Code,Job Zone\n15-1252.00,4\n",
        "Skills.csv": ONET_RATING
        + "15-1252.00,2.A.1.e,Mathematics,IM,3.0,N,\n"
        + "15-1252.00,2.A.1.e,Mathematics,LV,3.5,N,N\n"
        + "15-1252.00,2.B.3.e,Programming,IM,5.0,N,\n"
        + "15-1252.00,2.B.3.e,Programming,LV,7.0,N,N\n"
        + "15-1252.00,2.A.1.a,Reading Comprehension,IM,4.0,N,\n"
        + "15-1252.00,2.A.1.a,Reading Comprehension,LV,4.0,N,Y\n"
        + "15-1252.00,2.A.1.d,Speaking,IM,2.99,N,\n"
        + "15-1252.00,2.A.1.d,Speaking,LV,4.0,N,N\n"
        + "15-1252.00,2.A.1.f,Science,IM,4.0,Y,\n"
        + "15-1252.00,2.A.1.f,Science,LV,4.0,N,N\n"
        + "15-1252.00,2.A.1.c,Writing,IM,4.0,N,\n"
        + "15-1252.00,2.A.1.c,Writing,LV,0.5,N,N\n"
        + "15-1252.00,2.A.1.b,Active Listening,IM,4.0,N,\n",
        "Knowledge.csv": ONET_RATING
        + "15-1252.00,2.C.4.a,Mathematics,IM,4.0,N,\n"
        + "15-1252.00,2.C.4.a,Mathematics,LV,4.9,N,N\n",
        "Technology_Skills.csv": (
            "O*NET-SOC Code,Example,Commodity Title,Hot Technology,In Demand\n"
            "15-1252.00,C++,Development environment software,Y,Y\n"
            "15-1252.00,C#,Development environment software,Y,N\n"
            "15-1252.00,RESTful API,Application server software,N,Y\n"
            "15-1252.00,Obscure 3000,Spreadsheet software,N,N\n"
        ),
        "Related_Occupations.csv": (
            "O*NET-SOC Code,Related O*NET-SOC Code,Relatedness Tier,Index\n"
            "15-1252.00,55-9999.00,Primary-Short,1\n15-1252.00,11-0000.00,Supplemental,2\n"
        ),
    },
    "esco": {
        "ict_occupation_skill_relations.csv": (
            "occupation_uri,occupation,skill,skill_uri,skill_type\n"
            "http://e/o/1,web developer,use C#,http://e/s/1,skill\n"
            "http://e/o/1,web developer,use C#,http://e/s/1,skill\n"
            "http://e/o/1,web developer,SQL,,knowledge\n"
            "http://e/o/2,data analyst,SQL,,knowledge\n"
        ),
        "esco_onet_crosswalk_Nov2020.csv": (
            "id,esco_occupation,isco_code,onet_code,onet_occupation,matching_job_titles,semantic_similarity,confidence,"
            "concept_uri\n"
            "1,web developer,2513,15-1254.00,web developers,\"['web designer', 'webmaster']\",0.87654,2.0,http://e/o/1\n"
            "2,mayor,1111,11-1011.00,chief executives,na,0.79,1.0,http://e/o/9\n"
            "3,driver,2164,19-3099.01,drivers,2164,0.5,0.5,http://e/o/8\n"
        ),
    },
    "coursera": {
        "courses.csv": (
            "course_title,course_organization,course_certificate_type,course_time,course_rating,course_reviews_num,"
            "course_difficulty,course_url,course_students_enrolled,course_skills\n"
            "(ISC)Â² basics,IBM ,Course,1 - 4 Weeks,4.7,4,Beginner,https://c.org/learn/isc,6,"
            "\"['SQL', 'sql', 'GestiÃ³n', '- Data-Analysis', 'Data Analysis']\"\n"
            "Google _µã_____»ã__¥ã____,Google,Specialization,3 - 6 Months,4.7,4,Mixed,https://c.org/learn/ux-ja,6,"
            "\"['SQL', '_а_ке_инг', 'Detection (IDS', 'in full)', 'Read|Write']\"\n"
            "Plain,Google,Course,By heart,4.7,4,Advanced,https://c.org/specializations/isc,6,[]\n"
        ),
    },
}


def table(out: Path, name: str) -> list[dict[str, str]]:
    with (out / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def rows(out: Path, name: str, *columns: str) -> list[tuple[str, ...]]:
    return [tuple(row[column] for column in columns) for row in table(out, name)]


def lay(folder: Path, source: str, **changed: str) -> Path:
    """Write the small folder of a source; `changed` replaces whole files, named without their ending."""
    folder.mkdir()
    for name, text in FOLDERS[source].items():
        (folder / name).write_text(changed.get(Path(name).stem, text), encoding="utf-8")
    return folder

#!/usr/bin/env python3
"""Takes what docs/hessra-postgres.md shows apart, for docs.sh: page.py FOLDER.

Writes hessra.json, options (of the block ini, as options of a connection) and page.sql, the SQL of the page in its
order with $1 as the variable token of psql. A block that is a template must be the template to the letter.
"""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
TEMPLATES = sorted((ROOT / "postgres/hessra_authz/templates").glob("*.sql"))


def main():
    page, folder = (ROOT / "docs/hessra-postgres.md").read_text(), pathlib.Path(sys.argv[1])
    blocks = re.findall(r"^```(\w+)\n(.*?)^```$", page, re.M | re.S)
    of = {kind: [text for k, text in blocks if k == kind] for kind, _ in blocks}
    (folder / "hessra.json").write_text(of["json"][0])
    settings = re.findall(r"^([\w.]+) = '?([^'\n]*)'?$", of["ini"][0], re.M)
    assert len(settings) == len(of["ini"][0].splitlines()), "settings"
    (folder / "options").write_text(" ".join("-c %s=%s" % s for s in settings).replace("/etc/hessra", str(folder)))
    sql, shown = [], 0
    for text in of["sql"]:
        sql.append(text.replace("$1", ":'orders_select'").replace("/etc/hessra", str(folder)))
        if "CREATE TABLE" in text:
            assert text in [t.read_text() for t in TEMPLATES], "a policy of the page is not that of a template"
            sql.append("INSERT INTO orders VALUES (1, 'of the page');\n")
            shown += 1
    assert shown == 1, "templates on the page: %d" % shown
    for template in TEMPLATES:
        assert "templates/" + template.name in page, "the page does not name " + template.name
    (folder / "page.sql").write_text("\n".join(sql))


main()

"""Spreadsheets for tests, made as people and attackers make them."""

import io
import zipfile

from openpyxl import Workbook


def xlsx(*rows):
    book = Workbook()
    for row in rows:
        book.active.append(row)
    return saved(book)


def saved(book):
    file = io.BytesIO()
    book.save(file)
    file.seek(0)
    return file


def rewritten(file, **parts):
    """The same archive with the text of some parts replaced: `sheet1=lambda xml: …`."""
    out = io.BytesIO()
    with zipfile.ZipFile(file) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.infolist():
            text = old.read(part.filename)
            for name, change in parts.items():
                if part.filename.endswith(f"{name}.xml"):
                    text = change(text.decode()).encode()
            new.writestr(part.filename, text)
    out.seek(0)
    return out


def with_texts(items, name="xl/sharedStrings.xml"):
    """A sheet whose second line is the first of these shared texts, as Excel keeps them."""
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
    told = f'<Override PartName="/{name}" ContentType="{kind}"/></Types>'
    cell = '<row r="2"><c r="A2" t="s"><v>0</v></c></row></sheetData>'
    changes = {
        "Content_Types]": lambda xml: xml.replace("</Types>", told),
        "sheet1": lambda xml: xml.replace("</sheetData>", cell),
    }
    file = rewritten(xlsx(["a"]), **changes)
    with zipfile.ZipFile(file, "a", zipfile.ZIP_DEFLATED) as archive:
        sheet = '<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        archive.writestr(name, f"{sheet}{items}</sst>")
    file.seek(0)
    return file


def csv(text, encoding="utf-8"):
    return io.BytesIO(text.encode(encoding))

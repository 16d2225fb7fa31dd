"""The frameworks that come with the product: codes and titles, in files beside this one. Texts come by import."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

FOLDER = Path(__file__).resolve().parent


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One item as a file has it. `parent` is a code, "" for a root; `aliases` are codes it also goes by."""

    code: str
    title: str
    parent: str = ""
    level: str = ""
    text: str = ""
    is_withdrawn: bool = False
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Shipped:
    """A framework of ours. `is_closed`: the list is the whole edition."""

    slug: str
    name: str
    edition: str
    publisher: str
    source: str
    licence: str
    is_closed: bool = True

    @property
    def file(self) -> Path:
        return FOLDER / f"{self.slug}.csv"

    @property
    def digest(self) -> str:
        """SHA-256 of the file."""
        return sha256(self.file.read_bytes()).hexdigest()

    def entries(self) -> Iterator[Entry]:
        with self.file.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                yield Entry(
                    code=row["code"],
                    title=row["title"],
                    parent=row["parent"],
                    level=row["level"],
                    is_withdrawn=row["withdrawn"] == "yes",
                    aliases=tuple(row["aliases"].split()),
                )


PUBLIC = "US Government work, public domain"
FRAMEWORKS = (
    Shipped(
        slug="nist-csf-2-0",
        name="NIST Cybersecurity Framework",
        edition="2.0",
        publisher="NIST",
        source="https://doi.org/10.6028/NIST.CSWP.29",
        licence=PUBLIC,
    ),
    Shipped(
        slug="nist-sp-800-53-r5",
        name="NIST SP 800-53 Security and Privacy Controls",
        edition="Revision 5",
        publisher="NIST",
        source="https://doi.org/10.6028/NIST.SP.800-53r5",
        licence=PUBLIC,
        is_closed=False,  # NIST adds controls between revisions
    ),
    Shipped(
        slug="nist-sp-800-207",
        name="NIST SP 800-207 Zero Trust tenets",
        edition="August 2020",
        publisher="NIST",
        source="https://doi.org/10.6028/NIST.SP.800-207",
        licence=f"{PUBLIC}; NIST numbers the tenets, the codes ZT-1 to ZT-7 and short titles are ours",
    ),
    Shipped(
        slug="nist-ai-rmf-1-0",
        name="NIST AI Risk Management Framework",
        edition="1.0",
        publisher="NIST",
        source="https://doi.org/10.6028/NIST.AI.100-1",
        licence=PUBLIC,
    ),
    Shipped(
        slug="owasp-nhi-2025",
        name="OWASP Non-Human Identities Top 10",
        edition="2025",
        publisher="OWASP",
        source="https://owasp.org/www-project-non-human-identities-top-10/2025/",
        licence="CC BY-SA 4.0; titles by the OWASP NHI Top 10 project",
    ),
    Shipped(
        slug="csa-maestro",
        name="CSA MAESTRO layers",
        edition="February 2025",
        publisher="Cloud Security Alliance",
        source="https://cloudsecurityalliance.org/blog/2025/02/06/agentic-ai-threat-modeling-framework-maestro",
        licence="Names of the layers only, used as references",
    ),
)

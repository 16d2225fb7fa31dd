"""The files the company's scanners are told to ignore things by, brought in a week ago and not claimed yet."""

from __future__ import annotations

from datetime import datetime

from waivers import formats, services
from workflows.demo.scene import Scene
from workflows.demo.script import HOME

SNYK = b"""\
# Snyk policy file of the shop
version: v1.25.1
ignore:
  SNYK-JS-LODASH-590103:
    - 'report > lodash':
        reason: Only templates of our own are rendered
        expires: 2027-01-29T00:00:00.000Z
  SNYK-JS-AXIOS-174505:
    - '*':
        reason: None Given
        expires: '2025-06-01T13:48:47.937Z'
  # The fix needs Node 22, which the runners get with the next image.
  SNYK-JS-SEMVER-3247795:
    - '*': {}
"""
TRIVY = b"""\
misconfigurations:
  # The log shipper reads the node's own log files.
  - id: KSV-0023
    paths:
      - deploy/log-shipper/daemonset.yaml
"""


def bring_in(scene: Scene, who: str, at: datetime) -> object:
    """Import both files in the name of that person."""
    found = [formats.read("webshop/.snyk", SNYK), formats.read("webshop/.trivyignore.yaml", TRIVY)]
    return services.import_files(files=found, actor=scene.people[who], at=at, zone=HOME)

"""The cases of the last four months, by who asks; and the archive of three years."""

from workflows.demo.stories import agents, archive, integration, pipelines, platform, security, warehouse

STORIES = [
    *platform.STORIES,
    *pipelines.STORIES,
    *integration.STORIES,
    *warehouse.STORIES,
    *agents.STORIES,
    *security.STORIES,
    *archive.STORIES,
]

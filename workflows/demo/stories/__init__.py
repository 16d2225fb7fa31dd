"""The thirty cases, by who asks."""

from workflows.demo.stories import agents, integration, pipelines, platform, security, warehouse

STORIES = [
    *platform.STORIES,
    *pipelines.STORIES,
    *integration.STORIES,
    *warehouse.STORIES,
    *agents.STORIES,
    *security.STORIES,
]

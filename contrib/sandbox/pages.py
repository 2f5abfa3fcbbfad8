from contrib.sandbox.rest import Answer
from contrib.sandbox.world import World


def page(world: World, path: str, query: dict[str, str]) -> Answer:
    return Answer(404, body=b"x", kind="text/html")

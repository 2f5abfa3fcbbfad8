"""Dockerfiles from their templates."""

from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined


@dataclass
class DockerfileContext:
    """What templates may use."""

    release_tag: str = ""
    custom_build: bool = False
    redis_download_url: str = ""
    redis_download_sha: str = ""


class DockerfileRenderer:
    """Renders with the values that were set."""

    def __init__(self) -> None:
        self.context = DockerfileContext()

    def set_variable(self, name: str, value: Any) -> None:
        """Set a value; a name that templates do not know is refused."""
        if name not in {field.name for field in fields(DockerfileContext)}:
            raise ValueError(f"Unknown context variable: {name}")
        if name == "custom_build" and isinstance(value, str):
            value = value == "true"
        setattr(self.context, name, value)

    def render_template(self, template_path: Path) -> str:
        """The Dockerfile's text."""
        environment = Environment(
            loader=FileSystemLoader(template_path.parent),
            trim_blocks=True,
            lstrip_blocks=True,
            undefined=StrictUndefined,
        )
        environment.filters["required"] = required
        return environment.get_template(template_path.name).render(**asdict(self.context))


def required(value: Any, message: str = "a value is missing") -> Any:
    """The value, when there is one."""
    if value is None or not str(value).strip():
        raise ValueError(message)
    return value

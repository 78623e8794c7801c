"""Small configurations, written into a test's own folder."""

from pathlib import Path

from collector.config import Config, load

REDIS = """
[[services]]
type = "infrastructure"
name = "redis"
probe = "redis"
url = "redis://127.0.0.1:6379"
"""
SHOPIFY = """
[[services]]
type = "api"
name = "shopify"
probe = "shopify"
shop = "demo"
access_token = "${SHOPIFY_ACCESS_TOKEN}"
"""
WEBHOOK = """
[[services]]
type = "webhook"
name = "chatwoot"
probe = "webhook"
"""
STDIO = """
[[services]]
type = "mcp"
name = "docs"
probe = "mcp"
command = "docs-server"
"""


def written(folder: Path, text: str) -> Config:
    """The configuration of `text`, read from a file in `folder`."""
    path = folder / "services.toml"
    path.write_text(text, encoding="utf-8")
    return load(path)

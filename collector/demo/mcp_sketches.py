"""What the simulated MCP servers offer: names, versions and tools, as their models have them."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ToolSketch:
    """A tool as its server describes it. All `parameters` are text; the answer is always the same."""

    name: str
    description: str
    parameters: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ServerSketch:
    """A server: what it calls itself, its version, its tools."""

    title: str
    version: str
    tools: tuple[ToolSketch, ...]


SERVERS: Mapping[str, ServerSketch] = {
    "shopify": ServerSketch(
        "shopify-dev-mcp (simulated)",
        "1.16.0",
        (
            ToolSketch("learn_shopify_api", "How to work with one of Shopify's APIs.", ("api",)),
            ToolSketch("search_docs_chunks", "Searches shopify.dev.", ("conversation_id", "prompt")),
            ToolSketch(
                "fetch_full_docs", "Fetches whole pages of shopify.dev.", ("conversation_id", "paths")
            ),
            ToolSketch("introspect_graphql_schema", "Searches the Admin schema.", ("query", "filter")),
            ToolSketch("validate_graphql_codeblocks", "Checks GraphQL against the schema.", ("codeblocks",)),
        ),
    ),
    "context7": ServerSketch(
        "Context7 (simulated)",
        "4.1.1",
        (
            ToolSketch("resolve-library-id", "Finds the Context7 id of a library.", ("libraryName",)),
            ToolSketch("get-library-docs", "Fetches documentation of a library.", ("libraryId", "topic")),
        ),
    ),
    "github-official": ServerSketch(
        "github-mcp-server (simulated)",
        "1.10.1",
        (
            ToolSketch("get_me", "Who the token belongs to."),
            ToolSketch("search_repositories", "Searches repositories.", ("query",)),
            ToolSketch("search_code", "Searches code.", ("query",)),
            ToolSketch("get_file_contents", "Reads a file.", ("owner", "repo", "path")),
            ToolSketch("list_issues", "Lists the issues of a repository.", ("owner", "repo")),
            ToolSketch("issue_read", "Reads one issue.", ("owner", "repo", "issue_number")),
            ToolSketch("list_pull_requests", "Lists pull requests.", ("owner", "repo")),
            ToolSketch("list_commits", "Lists the commits of a branch.", ("owner", "repo", "sha")),
        ),
    ),
    "supabase": ServerSketch(
        "supabase (simulated)",
        "0.13.0",
        (
            ToolSketch("list_tables", "Lists the tables of one or more schemas.", ("schemas",)),
            ToolSketch("list_extensions", "Lists the extensions of the database."),
            ToolSketch("list_migrations", "Lists the migrations of the database."),
            ToolSketch("apply_migration", "Applies a migration.", ("name", "query")),
            ToolSketch("execute_sql", "Runs raw SQL.", ("query",)),
        ),
    ),
    "fly": ServerSketch(
        "FlyMCP (simulated)",
        "0.3.180",
        (
            ToolSketch("fly-apps-list", "Lists the apps of an organization.", ("org",)),
            ToolSketch("fly-status", "Shows the status of an app.", ("app",)),
            ToolSketch("fly-logs", "Shows the logs of an app.", ("app", "region")),
            ToolSketch("fly-machine-list", "Lists the machines of an app.", ("app",)),
            ToolSketch("fly-volumes-list", "Lists the volumes of an app.", ("app",)),
        ),
    ),
    "google-analytics": ServerSketch(
        "Google Analytics (simulated)",
        "0.8.0",
        (
            ToolSketch("get_account_summaries", "Lists accounts and properties."),
            ToolSketch("get_property_details", "Details of one property.", ("property_id",)),
            ToolSketch("get_custom_dimensions_and_metrics", "Lists custom dimensions.", ("property_id",)),
            ToolSketch("list_google_ads_links", "Lists links to Google Ads.", ("property_id",)),
            ToolSketch("run_report", "Runs a report.", ("property_id", "metrics", "dimensions")),
            ToolSketch("run_realtime_report", "Runs a realtime report.", ("property_id", "metrics")),
        ),
    ),
    "llamaindex-rag": ServerSketch(
        "llamaindex-rag (simulated)",
        "0.6.0",
        (
            ToolSketch("query_support", "Answers a question from the support pages.", ("question",)),
            ToolSketch("refresh_index", "Reads the sources again.", ("source",)),
            ToolSketch("insight_report", "Sums up what customers asked.", ("since",)),
        ),
    ),
}

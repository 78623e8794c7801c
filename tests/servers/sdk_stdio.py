"""An MCP server made with the official SDK, over standard input and output."""

from mcp.server.mcpserver import MCPServer

server = MCPServer("sdk", version="9.8.7")


@server.tool()
def add(first: int, second: int) -> int:
    """Add two numbers."""
    return first + second


if __name__ == "__main__":
    server.run()

"""A LlamaIndex workflow served as an MCP server over standard input and output."""

from llama_index.core.workflow import StartEvent, StopEvent, Workflow, step
from llama_index.tools.mcp.utils import workflow_as_mcp


class Question(StartEvent):
    """What the workflow starts with."""

    text: str


class Answering(Workflow):
    """Answers a question with itself."""

    @step
    async def answer(self, event: Question) -> StopEvent:
        return StopEvent(result=event.text)


if __name__ == "__main__":
    workflow_as_mcp(Answering(), workflow_name="answer_question", name="rag").run(transport="stdio")

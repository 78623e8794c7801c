"""The waist both programs stand on: the domain's words, its rules, its tables and its queries.

Nothing here imports the collector, the dashboard, streamlit or httpx, so all of it works in a notebook.
"""

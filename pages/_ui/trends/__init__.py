"""The parts of the page of trends: figures of a period beside those of the period before it."""

"""ModelScope and Hugging Face: what they hold, and verified copies of it in their clients' own caches."""

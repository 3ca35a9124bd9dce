"""The nouns: frozen values with no input or output and no third-party import."""

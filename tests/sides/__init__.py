"""The adapters: what each side's answers mean to the bridge."""

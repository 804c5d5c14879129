"""The verbs, one file each: where what asks and understands meets what keeps and answers."""

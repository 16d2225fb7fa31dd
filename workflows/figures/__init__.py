"""How well we decide: `turns` says whose turn it was, `counting` counts, `reading` fetches the rows of both."""

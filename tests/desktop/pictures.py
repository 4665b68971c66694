"""Pictures of the window in every state, for whoever wants to look:  python -m tests.desktop.pictures DIR

The one of README is `number.png`:  python -m tests.desktop.pictures DIR --only number
"""

"""The web application's server: HTTP in, readings out. The only home of FastAPI and what serves it.

app.py        make_app: the routes that read and classify. Start here
history.py    the routes of kept results and corrections
networks.py   which networks there are, and readers that use them
reading.py    a file and what is asked of it -> an answer
batching.py   patches of many requests -> few network calls
queue.py      threads for what takes long, and how many may wait for them
schemas.py    the forms of requests and answers
services.py   what routes share: all of the above, opened from the settings
failures.py   errors -> answers
guards.py     what every request must pass, and every answer must carry
metrics.py    counters for Prometheus
logs.py       lines of JSON, without what pictures show or are called
files.py      the page's files, compressed, and cached for as long as they may be
build.py      all of these under one digest, and the worker that keeps them in the browser
site.py       the page without a server, as a folder
server.py     binds the port, says where, serves
static/       the page
"""

"""The desktop window, `inkdigits draw`: what is drawn, or held before a camera, is read at once.

Without a screen, and tested so:

    strokes.py    what was written, as data: undo and redo
    curve.py      points of a pen -> a smooth line
    sheet.py      strokes -> pixels, and the picture that is read
    answers.py    a picture -> what the window shows of it
    work.py       strokes or a frame -> an answer, by the network that was chosen
    newest.py     does that beside the window, the newest first
    live.py       versions: an older answer never replaces a newer one
    camera.py     frames of a camera or a film
    lock.py       a reading that is steady
    watch.py      the camera with its reading
    saving.py     a picture -> a file
    texts.py      what the window says
    screen.py     whether there is Tk and a screen, and how to get them

With Tk:

    run.py        opens the window
    window.py     what happens in it; start here
    layout.py     where everything lies
    look.py       colours, fonts, sharp screens
    banner.py     the top: what was read, by which network
    pad.py        the canvas
    pen.py        the mouse on it
    side.py       bars.py and seen.py, beside it
    tools.py      the buttons below
    keys.py       keys
"""

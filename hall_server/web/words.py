"""Words for codes on the managers' page: English, which is the key to the other languages."""

ALERT = {
    "count": "Too many are waiting",
    "time": "Somebody has waited too long",
    "forecast": "Waits will soon be too long",
    "staffing": "More staff is needed: no order can keep what is promised",
    "slow_window": "A window takes unusually long or short",
    "silent_queue": "Nobody is called though a window is free",
    "silent_dispenser": "A dispenser gives out or prints nothing",
    "no_shows": "Unusually many or few do not come when called",
    "ranges_drift": "Visitors wait other times than they are told",
    "device_offline": "A device has gone: look at its power and network",
    "out_of_date": "A device has an old catalogue: restart it",
    "configuration_not_taken": "A device has not taken its configuration: read the reason, publish a better one",
    "old_configuration": "A device has an old configuration: look at its paihao-agent service",
    "printer": "A printer does not print: look at paper, cover and cutter",
    "paper_low": "The paper is near its end: bring a new roll",
    "hot": "A board is too hot: give it air",
    "power": "A board has too little power: change its power supply or cable",
    "disk_low": "A board's card is nearly full",
    "disk_worn": "A board's card is worn: replace it soon",
    "memory_low": "A board is short of memory: restart it",
}
STATE = {"raised": "nobody has seen it yet", "acknowledged": "seen", "eased": "over; the cause is missing"}
STEP = {
    "raised": "raised",
    "escalated": "sent to the chief representative",
    "acknowledged": "seen",
    "cause": "cause",
    "action": "done",
    "eased": "over",
    "reopened": "came back",
}
WHY = {
    "longest_waiting": "had waited longest",
    "past_limit": "was past the limit",
    "urgent_service": "urgent service",
    "priority_service": "green channel",
    "appointment": "appointment",
    "preferred_queue": "the window prefers this queue",
    "called_by_number": "called by number",
}
FACT = {
    "class": "class",
    "wait_s": "promised wait in seconds",
    "times_usual": "times as long as usual",
    "visitors": "visitors",
    "silent_s": "seconds without a call",
    "missed": "numbers missed",
    "unprinted": "slips not printed",
    "no_shows": "did not come",
    "called": "called",
    "usual": "usual share",
    "held": "share that held",
    "generation": "generation",
    "desired": "should be",
    "reason": "reason",
    "printer": "printer",
    "temperature_c": "degrees Celsius",
    "power": "power",
    "disk_free_mb": "MB free on the card",
    "disk_worn_percent": "percent of the card's life used",
    "memory_free_mb": "MB of memory free",
    "paper_low": "paper near its end",
    "unsettled": "orders not settled",
    "uptime_s": "seconds since its start",
    "uplink": "network",
}
VALUE = {
    "ok": "works",
    "paper_out": "no paper",
    "cover_open": "cover open",
    "cutter": "the cutter is stuck",
    "offline": "switched off or unplugged",
    "error": "out of order",
    "no_answer": "says nothing",
    "uncertain": "says nothing",
    True: "yes",
}
CLASS = {
    "ordinary": "ordinary visitors",
    "green": "green channel",
    "appointment": "appointments",
    "urgent": "urgent service",
}
REFUSED = {
    "wrong_state": "an alert is cleared only after its cause has been given",
    "invalid": "a few words are needed",
    "unknown_alert": "the alert is not open any more",
}
TEXTS = sorted({text for words in (ALERT, STATE, STEP, WHY, FACT, VALUE, CLASS, REFUSED) for text in words.values()})

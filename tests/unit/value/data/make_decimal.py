"""Writes decimal.tsv: operation, a, b, scale, expected ("overflow", "zero", "domain" or digits).

Python's decimal module with 250 digits is the reference; one rounding, half away from zero.
"""
import random
from decimal import Decimal, ROUND_HALF_UP, getcontext

getcontext().prec = 250
random.seed(20240102)
LIMIT = Decimal(10) ** 38


def rand():
    digits = random.choice([1, 2, 5, 9, 15, 20, 30, 38])
    value = random.randrange(10**digits)
    scale = random.randrange(0, min(38, digits + 6) + 1)
    if random.random() < 0.15:
        value = random.choice([0, 1, 5, 10, 25, 50, 10 ** (digits - 1), 10**digits - 1])
    return Decimal(-value if random.random() < 0.4 else value).scaleb(-scale)


def text(value):
    return format(value, "f")


def fit(value, scale):
    if abs(value) >= LIMIT:
        return "overflow"
    result = value.quantize(Decimal(1).scaleb(-scale), rounding=ROUND_HALF_UP)
    if abs(result.scaleb(scale)) >= LIMIT:
        return "overflow"
    result = abs(result) if result == 0 else result
    return text(result)


def scale_of(value):
    return max(0, -value.as_tuple().exponent)


def emit(op, a, b, scale, result):
    print(op, text(a), text(b), scale, result, sep="\t")


for i in range(260):
    a, b = rand(), rand()
    common = max(scale_of(a), scale_of(b))
    scale = random.choice([common, common, random.randrange(0, 39), 16])
    emit("add", a, b, scale, fit(a + b, scale))
    emit("sub", a, b, scale, fit(a - b, scale))
    scale = random.choice([min(38, scale_of(a) + scale_of(b)), random.randrange(0, 39), 16])
    emit("mul", a, b, scale, fit(a * b, scale))
    emit("div", a, b, scale, fit(a / b, scale) if b else "zero")
    emit("mod", a, b, common, fit(a % b, common) if b else "zero")
    emit("quo", a, b, 0, fit((a / b).to_integral_value(rounding="ROUND_DOWN"), 0) if b else "zero")
    emit("cmp", a, b, 0, (a > b) - (a < b))
    emit("rescale", a, Decimal(0), scale, fit(a, scale))
    emit("f64", a, Decimal(0), 0, float(a).hex())
for i in range(120):
    a, b = abs(rand()), abs(rand())
    scale = random.choice([16, 30, 38, random.randrange(0, 39)])
    emit("sqrt", a, b, scale, fit(a.sqrt(), scale))
    if a:
        emit("ln", a, b, scale, fit(a.ln(), scale))
    if a and b and b != 1:
        emit("log", b, a, scale, fit(a.ln() / b.ln(), scale))
    x = Decimal(random.randrange(-9500, 9500)).scaleb(-random.randrange(2, 6))
    emit("exp", x, b, scale, fit(x.exp(), scale))
    base = Decimal(random.randrange(1, 100000)).scaleb(-random.randrange(0, 5))
    power = Decimal(random.randrange(-300, 300)).scaleb(-random.randrange(0, 3))
    if power != power.to_integral_value():
        emit("pow", base, power, scale, fit((power * base.ln()).exp(), scale))
    base = Decimal(random.randrange(-30, 30)).scaleb(-random.randrange(0, 2))
    power = Decimal(random.randrange(0, 25))
    emit("pow", base, power, scale, fit(base**power if power else Decimal(1), scale))

# Recomputes the p-value and the interval of an experiment from data.csv, by their definition. Base R only.
#
#   Rscript check.R        (in the folder of data.csv, expected.csv and, if there is one, draws.csv)
#
# Exit code: 0 if the numbers are those of expected.csv, 1 if not.

tie <- 1e-9
data <- read.csv("data.csv", stringsAsFactors = FALSE, encoding = "UTF-8",
                 colClasses = c(team = "character", block = "character", platform = "character",
                                stratum = "character", period = "character"),
                 na.strings = character(0))
number <- function(x) suppressWarnings(as.numeric(as.character(x)))
data$entry <- number(data$entry)
data$entry[is.na(data$entry)] <- -Inf
data$limit <- number(data$limit)
data$time <- number(data$time)
data$within_day <- number(data$within_day)
# Also as JSON; base R reads no JSON, so the same numbers stand in a table.
told <- read.csv("expected.csv", stringsAsFactors = FALSE, colClasses = "character",
                 na.strings = character(0))
expected <- setNames(told$value, told$name)
value <- function(name) number(expected[[name]])
# Teams in the order of the bytes of their names, as expected.csv lists them.
teams <- unname(told$value[told$name == "team"])
n_teams <- length(teams)
data$at <- match(data$team, teams)
theta <- value("theta")
is_log_rank <- expected[["statistic"]] == "log-rank"

counts <- function(rows) {
  observed <- numeric(n_teams)
  expected <- numeric(n_teams)
  n_events <- 0
  for (of in split(rows, rows$stratum)) {
    for (time in sort(unique(of$time[of$cause == 1]))) {
      at_risk <- tabulate(of$at[of$entry < time & of$time >= time], n_teams)
      events <- tabulate(of$at[of$time == time & of$cause == 1], n_teams)
      observed <- observed + events
      expected <- expected + sum(events) * at_risk / sum(at_risk)
      n_events <- n_events + sum(events)
    }
  }
  list(observed = observed, expected = expected, n_events = n_events)
}

score <- function(it) log((it$observed + 0.5) / (it$expected + 0.5))
weight <- function(it) 1 / (theta + 1 / pmax(it$expected, 0.5))

adjusted <- function(y, h, x) {
  mean_x <- sum(h * x) / sum(h)
  mean_y <- sum(h * y) / sum(h)
  spread <- sum(h * (x - mean_x)^2)
  slope <- if (spread > 0) sum(h * (x - mean_x) * (y - mean_y)) / spread else 0
  y - slope * (x - mean_x)
}

first <- data[match(teams, data$team), ]

# One row for each assignment, one column for each team: every choice of as many units per block as were treated.
all_assignments <- function() {
  unit <- ifelse(first$platform == "", paste0("t", seq_len(n_teams)), paste0("p", first$platform))
  unit_at <- match(unit, unique(unit))
  lead <- match(unique(unit), unit)
  rows <- matrix(0, 1, length(lead))
  for (block in unique(first$block[lead])) {
    members <- which(first$block[lead] == block)
    k <- sum(first$arm[lead][members])
    chosen <- if (k == 0) list(integer(0)) else combn(length(members), k, simplify = FALSE)
    parts <- lapply(chosen, function(it) {
      part <- rows
      part[, members[it]] <- 1
      part
    })
    rows <- do.call(rbind, parts)
  }
  rows[, unit_at, drop = FALSE]
}

assignments <- if (file.exists("draws.csv")) {
  as.matrix(read.csv("draws.csv", check.names = FALSE))
} else {
  all_assignments()
}
actual <- first$arm
place <- which(colSums(t(assignments) != actual) == 0)[1]

before <- data[data$period == "before", ]
during <- data[data$period == "during", ]
history <- NULL
if (nrow(before) > 0) {
  it <- counts(before)
  if (it$n_events > 0) history <- score(it)
}

tested <- function(rows) {
  it <- counts(rows)
  if (it$n_events == 0) return(NULL)
  if (is_log_rank) {
    found <- as.vector(assignments %*% (it$observed - it$expected))
  } else {
    y <- score(it)
    h <- weight(it)
    if (!is.null(history)) y <- adjusted(y, h, history)
    top <- as.vector(assignments %*% (h * y))
    bottom <- as.vector(assignments %*% h)
    found <- top / bottom - (sum(h * y) - top) / (sum(h) - bottom)
  }
  of <- found[place]
  if (!is.finite(of)) return(NULL)
  extreme <- !is.finite(found)
  c(p_value = mean(extreme | abs(found) >= abs(of) - tie),
    p_greater = mean(extreme | found >= of - tie),
    difference = of)
}

# At a ratio of 1 times are as they were told; else a whole day is spread, or all its ties would break the same way.
rescaled <- function(rows, ratio) {
  if (ratio == 1) return(rows)
  scale <- ifelse(rows$arm == 1, 1 / ratio, 1)
  end <- pmin(rows$limit, rows$limit / ratio)
  rows$time <- (rows$time - rows$within_day) * scale
  rows$entry <- rows$entry * scale
  is_cut <- rows$time > end
  rows$cause[is_cut] <- 0
  rows$time[is_cut] <- end[is_cut]
  rows[rows$entry < rows$time | rows$entry == -Inf, ]
}

found <- c(p_value = NA, p_greater = NA, difference = NA)
it <- tested(during)
if (!is.null(it)) found <- it
found <- c(found, assignments = nrow(assignments), low = NA, high = NA, time_ratio = NA)
if (!anyNA(during$limit)) {
  step <- value("ratio_step")
  n_steps <- round((value("ratio_to") - value("ratio_from")) / step)
  grid <- round((value("ratio_from") + 0:n_steps * step) * 1e9) / 1e9
  p <- vapply(grid, function(ratio) {
    it <- tested(rescaled(during, ratio))
    if (is.null(it)) NA_real_ else it[["p_value"]]
  }, numeric(1))
  inside <- which(is.na(p) | p > value("alpha"))
  if (length(inside) > 0) {
    if (inside[1] > 1) found["low"] <- grid[inside[1]]
    if (inside[length(inside)] < length(grid)) found["high"] <- grid[inside[length(inside)]]
    known <- p[inside][!is.na(p[inside])]
    if (length(known) > 0) {
      best <- which(!is.na(p) & p == max(known))
      found["time_ratio"] <- grid[best[length(best) %/% 2 + 1]]
    }
  }
}

# Where the test rejects, ratios on the other side of 1 are ruled out with it.
if (!anyNA(during$limit) && !is.na(found[["p_value"]]) && found[["p_value"]] <= value("alpha") && length(inside) > 0) {
  is_sooner <- found[["difference"]] > 0
  here <- which(grid != 1 & (grid < 1) == is_sooner)
  inside_here <- intersect(inside, here)
  is_here <- function(ratio) !is.na(ratio) && ratio %in% grid[here]
  if (!is_here(found[["time_ratio"]])) {
    known <- here[!is.na(p[here])]
    found["time_ratio"] <- if (length(known) > 0) grid[max(known[p[known] == max(p[known])])] else NA
  }
  ends <- if (is_sooner) c("high", "low") else c("low", "high")
  nearest <- if (is_sooner) max else min
  if (!is_here(found[[ends[1]]])) {
    found[ends[1]] <- grid[nearest(if (length(inside_here) > 0) inside_here else here)]
  }
  if (!is_here(found[[ends[2]]]) && !is.na(found[[ends[2]]])) found[ends[2]] <- found[[ends[1]]]
}

is_same <- TRUE
for (name in names(found)) {
  wanted <- value(name)
  same <- if (is.na(wanted) || is.na(found[[name]])) is.na(wanted) && is.na(found[[name]]) else
    abs(found[[name]] - wanted) <= 1e-9
  is_same <- is_same && same
  cat(name, ": ", format(found[[name]], digits = 15), if (same) " = " else " is not ",
      expected[[name]], "\n", sep = "")
}
quit(status = if (is_same) 0 else 1)

// Days as people type them: the last day of an exception.

const DAY = 24 * 60 * 60 * 1000;

/** `n` days after `now`, in UTC, as `2027-01-31`. */
export function daysAfter(now: Date, n: number): string {
  return new Date(now.getTime() + n * DAY).toISOString().slice(0, 10);
}

/** What is wrong with a last day, or nothing. */
export function dayProblem(text: string, now: Date): string | undefined {
  const time = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN;
  // Some engines take 31 April for 1 May.
  if (Number.isNaN(time) || new Date(time).toISOString().slice(0, 10) !== text) {
    return "A day as in 2027-01-31";
  }
  return text < daysAfter(now, 0) ? "This day is over" : undefined;
}

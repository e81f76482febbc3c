//! The ways in which the server can be made to misbehave, by name. A server without faults is described in
//! [`routes`](crate::routes).
//!
//! Each of the modules takes from the list of faults what is its own, as a value:
//!
//! ```text
//!  request ─► transport ─► tokens ─► paging ─► contents ─► claims ─► encoding ─► answer
//!             throttles,   expire,   which     which rows,  totals,    gzip …
//!             fails        replay    row       which order  has-more
//! ```

mod claims;
mod contents;
mod encoding;
mod failure;
mod known;
mod paging;
mod throttle;
mod tokens;
pub(crate) mod transport;

pub(crate) use claims::{Claim, Claims};
pub(crate) use contents::{Contents, Drift, Piece};
pub use known::Known;
use known::{Number, Preset, Value};
pub(crate) use paging::{Paging, Style};
pub(crate) use tokens::{TokenUse, Tokens};

/// One row a fault: what it does, its variant, its number (name, type, preset, range), and how it is written.
macro_rules! faults {
    (@written) => { None };
    (@written $value:ident) => { $value.to_written() };
    ($(
        $(#[doc = $about:literal])+
        $variant:ident $(($value:ident: $number:ty = $default:expr, $range:expr))? => $name:literal,
    )+) => {
        /// A way to misbehave. Faults add up, see [`Options::fault`](crate::Options::fault); of two with the same
        /// name the later one counts.
        ///
        /// Written as `name` or `name=value`:
        ///
        /// ```
        /// use korelake_simulator::Fault;
        ///
        /// let fault: Fault = "errors=30".parse()?;
        /// assert_eq!(fault, Fault::Errors(30));
        /// assert_eq!("errors".parse::<Fault>()?.to_string(), "errors=20");
        /// assert!("terrors".parse::<Fault>().is_err());
        /// # Ok::<(), korelake_simulator::Error>(())
        /// ```
        ///
        /// What happens follows from the seed and the order of the requests alone. A fault that strikes some of the
        /// requests, by `percent` or at `every` so many, strikes the same request (method, address and body) at most
        /// three times in a row.
        ///
        /// | name | what the server does |
        /// |---|---|
        $(#[doc = concat!("| `", $name, $("` `", stringify!($value),)? "` |", $($about,)+ " |")])+
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Fault {
            $($(#[doc = $about])+ $variant $(($number))?,)+
        }

        const KNOWN: &[Known] = &[$(Known {
            name: $name,
            about: concat!($($about),+),
            value: &[$(Value { placeholder: stringify!($value), default: $default, range: $range })?],
            make: |_number| Fault::$variant $((<$number as Number>::from_read(_number)))?,
        }),+];

        impl Fault {
            /// Name and value, as they are written.
            fn parts(self) -> (&'static str, Option<u32>) {
                match self {
                    $(Self::$variant $(($value))? => ($name, faults!(@written $($value)?)),)+
                }
            }
        }
    };
}

impl Fault {
    /// All of them, in the order of their table.
    pub fn known() -> &'static [Known] {
        KNOWN
    }
}

const ANY: std::ops::RangeInclusive<u32> = 1..=u32::MAX;
const SOME: std::ops::RangeInclusive<u32> = 1..=10_000;
const PERCENT: std::ops::RangeInclusive<u32> = 1..=100;
/// In percent.
const OFTEN: Preset = Preset::Number(20);
/// In requests.
const EVERY: Preset = Preset::Number(5);

faults! {
    /// The offset decides on every endpoint, and the page is ignored.
    PagesByOffset => "pages-by-offset",
    /// The page decides on every endpoint, and the offset is ignored.
    PagesByPage => "pages-by-page",
    /// The offset and the rows of the pages before are added up.
    AddsBoth => "adds-both",
    /// Some pages hold fewer records than asked for though there are more.
    ShortPages(percent: u32 = Preset::Number(30), PERCENT) => "short-pages",
    /// The total is at most this, without a number 40 % of the true one.
    LowTotals(total: Option<u32> = Preset::Without, 0..=u32::MAX) => "low-totals",
    /// The total is so many too high.
    HighTotals(records: u32 = Preset::Number(5), ANY) => "high-totals",
    /// The total rises by one with every request.
    MovingTotals => "moving-totals",
    /// No page says that there are more.
    MoreAlwaysFalse => "more-always-false",
    /// The last page says that there are more, and the next is empty.
    MoreOnLast => "more-on-last",
    /// Every page says that there are more.
    MoreAlwaysTrue => "more-always-true",
    /// Neither totals nor has-more, as the newest sample of score reporting.
    NoTotals => "no-totals",
    /// Totals are texts.
    TotalsAsText => "totals-as-text",
    /// Each page after the first begins with the last records of the page before, beyond its own.
    Overlap(records: u32 = Preset::Number(3), SOME) => "overlap",
    /// So many records of each day are not there until the second page of a window with that day is asked for; then
    /// they are the first.
    Arrivals(records: u32 = Preset::Number(3), SOME) => "arrivals",
    /// The first records of each day are gone once the second page of a window with that day is asked for.
    Vanishings(records: u32 = Preset::Number(3), SOME) => "vanishings",
    /// The first record of each day stands once more behind its last one, with another score, if that is on a later
    /// page.
    Touch => "touch",
    /// The newest record comes first.
    Reversed => "reversed",
    /// The records come in another order on each request.
    Shuffled => "shuffled",
    /// One conversation of each day starts at midnight, and one half a second before the next.
    Boundary => "boundary",
    /// The second that a window ends with belongs to it.
    InclusiveEnd => "inclusive-end",
    /// The moment that a window starts with does not belong to it.
    ExclusiveStart => "exclusive-start",
    /// At most so many requests within any 60 seconds; 429 with Retry-After beyond.
    Throttle(requests: u32 = Preset::Required, ANY) => "throttle",
    /// Every so many requests a 429 with Retry-After: 1.
    ThrottleBurst(every: u32 = EVERY, ANY) => "throttle-burst",
    /// Every so many requests a 429 with an HTTP date as Retry-After, a second or two ahead.
    ThrottleDate(every: u32 = EVERY, ANY) => "throttle-date",
    /// Every so many requests a 429 without Retry-After.
    ThrottleSilent(every: u32 = EVERY, ANY) => "throttle-silent",
    /// Every so many requests a 200 whose body says that the rate limit is exceeded.
    ThrottleText(every: u32 = EVERY, ANY) => "throttle-text",
    /// 500, 502 with an HTML page, 503 with Retry-After: 0, and 504, in turn.
    Errors(percent: u32 = OFTEN, PERCENT) => "errors",
    /// An HTML page with status 200.
    Html(percent: u32 = OFTEN, PERCENT) => "html",
    /// The platform's error body with status 200.
    ErrorBody(percent: u32 = OFTEN, PERCENT) => "error-body",
    /// A text that is not JSON, with status 200.
    NotJson(percent: u32 = OFTEN, PERCENT) => "not-json",
    /// The whole length is promised, half of it sent, and the connection closed.
    Cut(percent: u32 = OFTEN, PERCENT) => "cut",
    /// The connection is closed without an answer.
    Reset(percent: u32 = OFTEN, PERCENT) => "reset",
    /// There is no answer, and the connection stays open.
    Hang(percent: u32 = OFTEN, PERCENT) => "hang",
    /// No answer to a limit above this.
    HangAbove(limit: u32 = Preset::Required, 0..=u32::MAX) => "hang-above",
    /// 80 MB of blanks behind the body for a limit above this.
    HugeAbove(limit: u32 = Preset::Required, 0..=u32::MAX) => "huge-above",
    /// 302 to another host.
    Redirect(percent: u32 = OFTEN, PERCENT) => "redirect",
    /// A token that was used so many times is refused as no valid one.
    ExpiringTokens(uses: u32 = Preset::Required, ANY) => "expiring-tokens",
    /// A token needs a jti that was not used before, and lives an hour at most.
    EnforceJti => "enforce-jti",
    /// Bodies come in gzip where the request accepts it.
    Gzip => "gzip",
    /// Bodies come in brotli where the request accepts it.
    Brotli => "brotli",
    /// Bodies come in zstd where the request accepts it.
    Zstd => "zstd",
}

#[cfg(test)]
mod tests;

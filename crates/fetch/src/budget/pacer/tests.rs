use chrono::{TimeDelta, TimeZone};
use proptest::prelude::*;

use super::*;

const START: Duration = Duration::from_secs(86_400);

/// A pacer with a clock of its own: an instant, and 12:00:00 on the wall where it begins.
struct Bench {
    pacer: Pacer,
    start: Instant,
    now: Instant,
}

impl Bench {
    fn new(limit: impl Into<Option<u32>>) -> Self {
        let start = Instant::now() + START;
        let limit = limit.into().map(|limit| NonZeroU32::new(limit).unwrap());
        Self {
            pacer: Pacer::new(limit),
            start,
            now: start,
        }
    }

    fn pass(&mut self, time: Duration) {
        self.now += time;
    }

    /// Waits for a slot, waking late by `late` each time, and returns when it went out.
    fn send(&mut self, late: Duration) -> Instant {
        let arrived = self.now;
        while let Turn::NotBefore(instant) = self.pacer.turn(arrived, self.now) {
            self.now = instant + late;
        }
        self.now
    }

    fn throttled(&mut self, asked: Option<Duration>, hourly: bool) -> Duration {
        let noon = Utc.with_ymd_and_hms(2026, 3, 23, 12, 0, 0).unwrap();
        let wall = noon + TimeDelta::from_std(self.now - self.start).unwrap();
        self.pacer.throttled(asked, hourly, self.now, wall)
    }

    fn rate(&self) -> f64 {
        self.pacer.rate(self.now).unwrap()
    }
}

fn seconds(seconds: f64) -> Duration {
    Duration::from_secs_f64(seconds)
}

fn assert_near(left: f64, right: f64) {
    assert!((left - right).abs() < 1e-6, "{left} is not {right}");
}

/// Whether every sliding minute holds at most `limit`.
fn is_within(limit: usize, sent: &[Instant]) -> bool {
    sent.windows(limit + 1)
        .all(|window| window[limit] - window[0] >= MINUTE)
}

#[derive(Clone, Debug)]
enum Event {
    Idle(u64),
    /// So many callers who are there at once, and how late each wakes.
    Send(usize, u64),
    Throttled {
        asked: Option<u64>,
        hourly: bool,
    },
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        2 => (0..200_000_u64).prop_map(Event::Idle),
        2 => (0..2_000_u64).prop_map(Event::Idle),
        6 => (1..60_usize, prop_oneof![Just(0), 0..20_u64, 0..5_000_u64])
            .prop_map(|(count, late)| Event::Send(count, late)),
        1 => (proptest::option::of(0..90_000_u64), proptest::bool::weighted(0.1))
            .prop_map(|(asked, hourly)| Event::Throttled { asked, hourly }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_sliding_minute_ever_holds_more_requests_than_the_limit(
        limit in prop_oneof![1..5_u32, 5..90_u32, Just(60)],
        events in proptest::collection::vec(event(), 1..60),
    ) {
        let mut bench = Bench::new(limit);
        let (mut sent, mut paused_until) = (Vec::new(), bench.now);
        for event in events {
            match event {
                Event::Idle(millis) => bench.pass(Duration::from_millis(millis)),
                Event::Send(count, late) => {
                    let arrived = bench.now;
                    for _ in 0..count {
                        // Each was there from the beginning, and is polled when the one before it has gone.
                        while let Turn::NotBefore(instant) = bench.pacer.turn(arrived, bench.now) {
                            bench.now = bench.now.max(instant + Duration::from_millis(late));
                        }
                        prop_assert!(bench.now >= paused_until, "sent in a pause");
                        sent.push(bench.now);
                    }
                }
                Event::Throttled { asked, hourly } => {
                    let pause = bench.throttled(asked.map(Duration::from_millis), hourly);
                    paused_until = bench.now + pause;
                }
            }
            prop_assert!((1.0..=f64::from(limit)).contains(&bench.rate()), "{}", bench.rate());
        }
        prop_assert!(is_within(limit as usize, &sent), "{limit}: {sent:?}");
    }
}

#[test]
fn slots_are_spaced_however_late_callers_wake() {
    for late in [0.0, 0.001, 0.25] {
        let mut bench = Bench::new(600);
        let arrived = bench.now;
        let mut sent = 0;
        while bench.now < bench.start + MINUTE {
            match bench.pacer.turn(arrived, bench.now) {
                Turn::Now => sent += 1,
                Turn::NotBefore(instant) => bench.now = instant + seconds(late),
            }
        }
        assert!((592..=600).contains(&sent), "{sent} when late by {late}");
    }
}

#[test]
fn idle_time_is_not_saved_up_for_a_burst() {
    let mut bench = Bench::new(60);
    bench.send(Duration::ZERO);
    bench.pass(HOUR);
    let after_an_hour = bench.now;
    assert_eq!(bench.send(Duration::ZERO), after_an_hour);
    assert!(bench.send(Duration::ZERO) > after_an_hour + seconds(1.0));
}

#[test]
fn pause_is_as_long_as_the_server_asks() {
    let mut bench = Bench::new(60);
    for asked in [0.0, 3.5, 7200.0, 1e5] {
        bench.send(Duration::ZERO);
        assert_eq!(bench.throttled(Some(seconds(asked)), false), seconds(asked));
        bench.send(Duration::ZERO);
        assert_eq!(bench.throttled(Some(seconds(asked)), true), seconds(asked));
    }
    bench.send(Duration::ZERO);
    assert_eq!(bench.throttled(Some(Duration::MAX), false), LONGEST_PAUSE);
}

#[test]
fn pause_is_the_rest_of_the_minute_or_hour_where_the_server_names_none() {
    let cases = [(0.0, 61.0), (17.25, 43.75), (59.999, 1.001), (90.0, 31.0)];
    for (passed, pause) in cases {
        let mut bench = Bench::new(60);
        bench.pass(seconds(passed));
        assert_eq!(bench.throttled(None, false), seconds(pause));
    }
    for (passed, pause) in [(0.0, 3601.0), (3599.5, 1.5), (3600.0, 3601.0)] {
        let mut bench = Bench::new(60);
        bench.pass(seconds(passed));
        assert_eq!(bench.throttled(None, true), seconds(pause));
    }
}

#[test]
fn pause_is_a_full_minute_where_the_last_one_did_not_help() {
    let mut bench = Bench::new(60);
    bench.pass(seconds(50.0));
    assert_eq!(bench.throttled(None, false), seconds(11.0));
    bench.send(Duration::ZERO);
    bench.pass(seconds(30.0));
    assert_eq!(bench.throttled(None, false), MINUTE);
    bench.send(Duration::ZERO);
    assert_eq!(bench.throttled(None, false), MINUTE, "nor did the full minute");
    bench.send(Duration::ZERO);
    bench.pass(seconds(61.0));
    let pause = bench.throttled(None, false);
    assert!(pause < MINUTE, "{pause:?} though it helped for a while");
}

#[test]
fn reports_of_one_limit_halve_the_rate_once() {
    let mut bench = Bench::new(60);
    bench.send(Duration::ZERO);
    bench.pass(seconds(30.0));
    assert_eq!(bench.throttled(None, false), seconds(31.0));
    bench.pass(seconds(10.0));
    assert_eq!(
        bench.throttled(None, false),
        seconds(21.0),
        "of a request that was in flight"
    );
    assert_near(bench.rate(), 30.0);
    let asked = Some(seconds(40.0));
    assert_eq!(bench.throttled(asked, false), seconds(40.0), "longer");
    assert_eq!(
        bench.throttled(Some(seconds(1.0)), false),
        seconds(40.0),
        "not shorter"
    );
    assert_near(bench.rate(), 30.0);
    // A straggler after the end of the pause, with nothing sent in between.
    bench.pass(seconds(40.5));
    assert_eq!(bench.throttled(None, false), Duration::ZERO);
    assert!(bench.rate() >= 30.0);
    bench.send(Duration::ZERO);
    bench.throttled(None, false);
    assert!(bench.rate() < 16.0, "refused again: {}", bench.rate());
}

#[test]
fn rate_recovers_in_two_minutes_and_never_exceeds_the_limit() {
    let mut bench = Bench::new(60);
    bench.send(Duration::ZERO);
    let pause = bench.throttled(None, false);
    assert_near(bench.rate(), 30.0);
    bench.pass(pause);
    assert_near(bench.rate(), 30.0);
    for (passed, rate) in [(60.0, 45.0), (59.0, 59.75), (1.0, 60.0), (3600.0, 60.0)] {
        bench.pass(seconds(passed));
        assert_near(bench.rate(), rate);
    }
}

#[test]
fn rate_never_falls_under_one_a_minute() {
    let mut bench = Bench::new(5);
    for _ in 0..20 {
        bench.send(Duration::ZERO);
        bench.throttled(Some(Duration::ZERO), false);
    }
    assert_near(bench.rate(), 1.0);
}

#[test]
fn recovery_continues_where_a_further_pause_interrupts_it() {
    let mut bench = Bench::new(60);
    bench.send(Duration::ZERO);
    bench.throttled(Some(seconds(10.0)), false);
    bench.pass(seconds(10.0 + 60.0));
    assert_near(bench.rate(), 45.0);
    bench.send(Duration::ZERO);
    bench.throttled(Some(seconds(10.0)), false);
    assert_near(bench.rate(), 22.5);
    bench.pass(seconds(10.0 + 120.0));
    assert_near(bench.rate(), 52.5);
}

#[test]
fn rate_without_a_limit_is_half_of_what_was_observed_and_lifted_at_twice_of_it() {
    let mut bench = Bench::new(None);
    for _ in 0..100 {
        bench.send(Duration::ZERO);
    }
    bench.pass(seconds(60.0));
    for _ in 0..40 {
        bench.send(Duration::ZERO);
    }
    assert_eq!(bench.pacer.rate(bench.now), None);
    // 40 in 10 seconds are 240 a minute.
    bench.pass(seconds(10.0));
    bench.throttled(Some(Duration::ZERO), false);
    assert_near(bench.rate(), 120.0);
    bench.pass(seconds(120.0));
    assert_near(bench.rate(), 240.0);
    bench.pass(seconds(239.0));
    assert!(bench.rate() > 478.0);
    bench.pass(seconds(1.0));
    assert_eq!(bench.pacer.rate(bench.now), None);
    let lifted = bench.now;
    for _ in 0..100 {
        assert_eq!(bench.send(Duration::ZERO), lifted);
    }
}

#[test]
fn run_that_has_just_begun_is_judged_by_its_seconds() {
    let mut bench = Bench::new(None);
    for _ in 0..3 {
        bench.send(Duration::ZERO);
        bench.pass(seconds(0.1));
    }
    bench.throttled(Some(Duration::ZERO), false);
    // Not three a minute, at which a page would be half a minute away.
    assert_near(bench.rate(), 90.0);
}

#[test]
fn refusal_of_the_only_request_tells_little() {
    let mut bench = Bench::new(None);
    bench.send(Duration::ZERO);
    bench.pass(seconds(100.0));
    bench.throttled(None, false);
    assert_near(bench.rate(), 60.0);
}

use futures::{StreamExt, future::join_all, stream};

use super::*;

fn per_minute(requests: u32) -> Option<NonZeroU32> {
    Some(NonZeroU32::new(requests).unwrap())
}

/// When each of so many callers, all there at once, may send.
async fn sent(budget: &Budget, callers: usize) -> Vec<Instant> {
    let callers = (0..callers).map(|_| async {
        budget.acquire().await;
        Instant::now()
    });
    join_all(callers).await
}

/// The shortest time between two that follow each other.
fn closest(sent: &[Instant]) -> Duration {
    sent.windows(2).map(|pair| pair[1] - pair[0]).min().unwrap()
}

#[tokio::test(start_paused = true)]
async fn clones_of_a_budget_wait_for_each_other() {
    let budget = Budget::new(per_minute(60));
    let start = Instant::now();
    let callers = (0..61).map(|_| {
        let budget = budget.clone();
        async move { budget.acquire().await }
    });
    join_all(callers).await;
    assert!(
        start.elapsed() >= Duration::from_secs(60),
        "{:?}",
        start.elapsed()
    );
    assert!(start.elapsed() < Duration::from_secs(61), "{:?}", start.elapsed());
}

#[tokio::test(start_paused = true)]
async fn callers_are_served_in_the_order_they_came() {
    let budget = Budget::new(per_minute(60));
    let sent = sent(&budget, 20).await;
    assert!(sent.is_sorted(), "{sent:?}");
}

#[tokio::test(start_paused = true)]
async fn without_a_limit_nothing_waits() {
    let budget = Budget::new(None);
    let start = Instant::now();
    for _ in 0..1000 {
        budget.acquire().await;
    }
    assert_eq!(start.elapsed(), Duration::ZERO);
    assert_eq!(
        (budget.requests_per_minute(), budget.useful_concurrency()),
        (None, None)
    );
}

#[tokio::test(start_paused = true)]
async fn slow_answers_and_a_coarse_timer_cost_no_slots_while_callers_wait() {
    let budget = Budget::new(per_minute(600));
    let start = Instant::now();
    stream::iter(0..600)
        .map(|_| async {
            budget.acquire().await;
            tokio::time::sleep(Duration::from_millis(50)).await;
        })
        .buffer_unordered(8)
        .for_each(async |()| ())
        .await;
    let longest = Duration::from_secs_f64(60.0 / 0.97);
    assert!(start.elapsed() <= longest, "{:?}", start.elapsed());
}

#[tokio::test(start_paused = true)]
async fn caller_that_gives_up_leaves_its_slot_to_the_next() {
    let budget = Budget::new(per_minute(60));
    budget.acquire().await;
    let start = Instant::now();
    let impatient = tokio::time::timeout(Duration::from_millis(500), budget.acquire());
    assert!(impatient.await.is_err());
    budget.acquire().await;
    assert!(
        start.elapsed() < Duration::from_millis(1100),
        "{:?}",
        start.elapsed()
    );
}

#[tokio::test(start_paused = true)]
async fn caller_that_is_not_polled_keeps_no_slot_from_the_others() {
    let budget = Budget::new(per_minute(60));
    budget.acquire().await;
    let mut neglected = std::pin::pin!(budget.acquire());
    assert!(futures::poll!(&mut neglected).is_pending());
    let others = tokio::time::timeout(Duration::from_secs(3), async {
        budget.acquire().await;
        budget.acquire().await;
    });
    assert!(others.await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn nothing_is_sent_in_a_pause_and_what_slept_is_spaced_after_it() {
    let budget = Budget::new(per_minute(60));
    budget.acquire().await;
    let throttled = async {
        tokio::time::sleep(Duration::from_millis(2500)).await;
        let pause = budget.throttled(Some(Duration::from_secs(20)), false);
        assert_eq!(pause, Duration::from_secs(20));
        Instant::now()
    };
    let (sent, began) = tokio::join!(sent(&budget, 10), throttled);
    let (before, after): (Vec<_>, Vec<_>) = sent.into_iter().partition(|sent| *sent < began);
    assert_eq!((before.len(), after.len()), (2, 8));
    assert!(after[0] >= began + Duration::from_secs(20), "sent in the pause");
    assert!(after[0] < began + Duration::from_secs(21), "the pause was over");
    // Half of sixty a minute, and a little more with each second.
    assert!(closest(&after) > Duration::from_millis(1700), "{after:?}");
    assert!(after[7] - after[0] < Duration::from_millis(7 * 2021), "{after:?}");
}

#[tokio::test(start_paused = true)]
async fn pause_without_a_limit_teaches_one() {
    let budget = Budget::new(None);
    for _ in 0..40 {
        budget.acquire().await;
    }
    tokio::time::advance(Duration::from_secs(10)).await;
    let start = Instant::now();
    let pause = budget.throttled(None, false);
    assert!(
        pause > Duration::from_secs(1) && pause <= Duration::from_secs(61),
        "{pause:?}"
    );
    // 40 in 10 seconds are 240 a minute.
    assert_eq!(budget.requests_per_minute(), Some(120.0));
    let sent = sent(&budget, 5).await;
    assert!(sent[0] - start >= pause, "{:?}", sent[0] - start);
    assert!(closest(&sent) > Duration::from_millis(400), "{sent:?}");
}

#[tokio::test(start_paused = true)]
async fn concurrency_follows_rate_and_latency() {
    let budget = Budget::new(per_minute(600));
    assert_eq!(budget.useful_concurrency(), Some(1), "nothing is known");
    budget.succeeded(Duration::from_millis(1450));
    assert_eq!(budget.useful_concurrency(), Some(15));
    for _ in 0..50 {
        budget.succeeded(Duration::from_millis(350));
    }
    assert_eq!(budget.useful_concurrency(), Some(4));
    budget.succeeded(Duration::from_millis(850));
    assert_eq!(
        budget.useful_concurrency(),
        Some(5),
        "one slow answer is no trend"
    );
    budget.acquire().await;
    budget.throttled(Some(Duration::ZERO), false);
    assert_eq!(budget.useful_concurrency(), Some(3), "half the rate");
    let slow = Budget::new(per_minute(1));
    slow.succeeded(Duration::from_millis(1));
    assert_eq!(slow.useful_concurrency(), Some(1));
}

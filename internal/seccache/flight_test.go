package seccache

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

func TestFlightRunsOncePerKey(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var f Flight[string, int]
		runs := map[string]int{}
		release := make(chan struct{})
		results := make(chan int, 100)
		call := func(key string, value int) {
			v, err := f.Do(t.Context(), key, func() (int, error) {
				runs[key]++
				<-release
				return value, nil
			})
			if err != nil {
				t.Error(err)
			}
			results <- v
		}
		go call("a", 1)
		synctest.Wait()
		for range 20 {
			go call("a", 2)
		}
		go call("b", 3) // does not wait for a
		synctest.Wait()
		if runs["a"] != 1 || runs["b"] != 1 {
			t.Errorf("runs: %v", runs)
		}
		close(release)
		synctest.Wait()
		count := map[int]int{}
		for range len(results) {
			count[<-results]++
		}
		if count[1] != 21 || count[3] != 1 || len(count) != 2 {
			t.Errorf("results: %v", count)
		}
		// A result is not kept.
		if v, _ := f.Do(t.Context(), "a", func() (int, error) { return 4, nil }); v != 4 || len(f.calls) != 0 {
			t.Errorf("%d afterwards, %d calls under way", v, len(f.calls))
		}
	})
}

func TestFlightGivesEveryoneTheError(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var f Flight[int, int]
		failure := errors.New("failure")
		errs := make(chan error, 3)
		for range 3 {
			go func() {
				_, err := f.Do(t.Context(), 1, func() (int, error) {
					time.Sleep(time.Second)
					return 0, failure
				})
				errs <- err
			}()
		}
		time.Sleep(2 * time.Second)
		for range 3 {
			if err := <-errs; !errors.Is(err, failure) {
				t.Error(err)
			}
		}
	})
}

// A caller whose context ends goes; the work and the others stay.
func TestFlightWaitersMayLeave(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var f Flight[int, int]
		start := time.Now()
		do := func(ctx context.Context) (int, time.Duration, error) {
			v, err := f.Do(ctx, 1, func() (int, error) {
				time.Sleep(10 * time.Second)
				return 7, nil
			})
			return v, time.Since(start), err
		}
		for range 2 {
			go func() {
				if v, after, err := do(t.Context()); v != 7 || err != nil || after != 10*time.Second {
					t.Errorf("%d, %v after %v", v, err, after)
				}
			}()
		}
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if v, after, err := do(ctx); v != 0 || !errors.Is(err, context.DeadlineExceeded) || after != time.Second {
			t.Errorf("%d, %v after %v", v, err, after)
		}
		time.Sleep(time.Minute)
	})
}

func TestFlightSurvivesPanics(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var f Flight[int, int]
		panicked := make(chan any, 1)
		go func() {
			defer func() { panicked <- recover() }()
			_, _ = f.Do(t.Context(), 1, func() (int, error) {
				time.Sleep(time.Second)
				panic("fault")
			})
		}()
		synctest.Wait()
		_, err := f.Do(t.Context(), 1, func() (int, error) { return 0, nil })
		if !errors.Is(err, errFlightFailed) {
			t.Errorf("the waiter got %v", err)
		}
		if r := <-panicked; r != "fault" {
			t.Errorf("the caller got the panic %v", r)
		}
		if v, err := f.Do(t.Context(), 1, func() (int, error) { return 5, nil }); v != 5 || err != nil {
			t.Errorf("afterwards: %d, %v", v, err)
		}
	})
}

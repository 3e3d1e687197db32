namespace App.Metrics
{
    public interface IMetrics
    {
        IProvideMetrics Provider { get; }
    }

    public interface IProvideMetrics
    {
        Timer.IProvideTimerMetrics Timer { get; }
    }

    public abstract class MetricValueOptionsBase
    {
        public string Context { get; set; }

        public string Name { get; set; }
    }

    public enum TimeUnit
    {
        Nanoseconds = 0,
        Microseconds = 1,
        Milliseconds = 2,
        Seconds = 3,
        Minutes = 4,
        Hours = 5,
        Days = 6,
    }
}

namespace App.Metrics.Timer
{
    public interface IProvideTimerMetrics
    {
        ITimer Instance(TimerOptions options);
    }

    public interface ITimer
    {
        void Record(long time, TimeUnit unit);
    }

    public class TimerOptions : MetricValueOptionsBase
    {
    }
}

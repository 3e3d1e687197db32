using System.Collections.Generic;
using System.Linq;
using System.Reflection;
using App.Metrics;
using App.Metrics.Timer;

namespace GoDaddy.Asherah.AppEncryption.Tests.Logging
{
    /// <summary>Metrics that keep the names of the timers that were used. It stands for interfaces of App.Metrics of
    /// which only a few members are called.</summary>
    public class MetricsRecorder : DispatchProxy
    {
        private List<TimerOptions> timers;
        private System.Exception fault;
        private TimerOptions current;

        internal static (IMetrics Metrics, MetricsRecorder Recorder) New(System.Exception fault = null)
        {
            var metrics = Create<IMetrics, MetricsRecorder>();
            var recorder = (MetricsRecorder)(object)metrics;
            recorder.timers = new List<TimerOptions>();
            recorder.fault = fault;
            return (metrics, recorder);
        }

        internal TimerOptions[] Timers
        {
            get
            {
                lock (timers)
                {
                    return timers.ToArray();
                }
            }
        }

        internal string[] TakeNames()
        {
            lock (timers)
            {
                string[] names = timers.Select(timer => timer.Name).ToArray();
                timers.Clear();
                return names;
            }
        }

        protected override object Invoke(MethodInfo targetMethod, object[] args)
        {
            switch (targetMethod.Name)
            {
                case "get_Provider":
                    return Next<IProvideMetrics>(null);
                case "get_Timer":
                    return Next<IProvideTimerMetrics>(null);
                case "Instance":
                    return Next<ITimer>((TimerOptions)args[0]);
                case "Record":
                    if (fault != null)
                    {
                        throw fault;
                    }

                    lock (timers)
                    {
                        timers.Add(current);
                    }

                    return null;
                default:
                    throw new System.NotSupportedException(targetMethod.Name);
            }
        }

        private T Next<T>(TimerOptions options)
        {
            T next = Create<T, MetricsRecorder>();
            var recorder = (MetricsRecorder)(object)next;
            recorder.timers = timers;
            recorder.fault = fault;
            recorder.current = options;
            return next;
        }
    }
}

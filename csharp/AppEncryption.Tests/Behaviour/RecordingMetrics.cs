using System;
using System.Collections.Generic;
using System.Linq;
using System.Reflection;
using App.Metrics;
using App.Metrics.Timer;

namespace GoDaddy.Asherah.AppEncryption.Tests.Behaviour
{
    /// <summary>Metrics of App.Metrics that keep the names of the timers that were asked for. Made by proxies, since the
    /// interfaces have more members than anybody calls.</summary>
    public class RecordingMetrics : DispatchProxy
    {
        private RecordingMetrics root;
        private HashSet<string> timers;

        internal static (IMetrics Metrics, Func<string[]> Timers) New()
        {
            IMetrics metrics = Create<IMetrics, RecordingMetrics>();
            var proxy = (RecordingMetrics)(object)metrics;
            proxy.root = proxy;
            proxy.timers = new HashSet<string>();
            return (metrics, proxy.TimersInOrder);
        }

        private string[] TimersInOrder()
        {
            lock (timers)
            {
                return timers.Order(StringComparer.Ordinal).ToArray();
            }
        }

        protected override object Invoke(MethodInfo targetMethod, object[] args)
        {
            foreach (object argument in args ?? Array.Empty<object>())
            {
                if (argument is TimerOptions options)
                {
                    lock (root.timers)
                    {
                        root.timers.Add(options.Context + "/" + options.Name);
                    }
                }
            }

            Type type = targetMethod.ReturnType;
            if (!type.IsInterface)
            {
                return type.IsValueType && type != typeof(void) ? Activator.CreateInstance(type) : null;
            }

            object made = typeof(DispatchProxy).GetMethods()
                .Single(method => method.Name == "Create" && method.IsGenericMethodDefinition)
                .MakeGenericMethod(type, typeof(RecordingMetrics))
                .Invoke(null, null);
            ((RecordingMetrics)made).root = root;
            return made;
        }
    }
}

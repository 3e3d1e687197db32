using System;
using System.Collections.Generic;
using System.Reflection;
using App.Metrics;
using GoDaddy.Asherah.AppEncryption;
using GoDaddy.Asherah.AppEncryption.Util;
using GoDaddy.Asherah.Logging;
using Microsoft.Extensions.Logging;

namespace GoDaddy.Asherah.PublicApi.Program
{
    /// <summary>Loggers and metrics of the user.</summary>
    internal static class Observation
    {
        internal static void Run()
        {
            Expect.Same("ael", MetricsUtil.AelMetricsPrefix);
            IMetrics metrics = DispatchProxy.Create<IMetrics, NoMetrics>();
            MetricsUtil.SetMetricsInstance(metrics);
            Expect.True(ReferenceEquals(metrics, MetricsUtil.MetricsInstance));

            var logger = new Lines();
            using (SessionFactory factory = SessionFactory.NewBuilder("product", "service")
                .WithInMemoryMetastore()
                .WithNeverExpiredCryptoPolicy()
                .WithStaticKeyManagementService(Sessions.Key)
                .WithMetrics(null)
                .WithLogger(logger)
                .Build())
            {
                Sessions.RoundTrips(factory);
            }

            Expect.True(logger.Templates.Contains("Attempting to load latest key with keyId {KeyId}"));

            LogManager.SetLoggerFactory(new Loggers());
            LogManager.CreateLogger<Lines>().LogInformation("text");
            Expect.Throws<LoggerFactoryExistsException>(() => LogManager.SetLoggerFactory(new Loggers()));
        }

        /// <summary>Metrics of which nobody asks anything.</summary>
        public class NoMetrics : DispatchProxy
        {
            protected override object Invoke(MethodInfo targetMethod, object[] args)
            {
                throw new NotSupportedException(targetMethod.Name);
            }
        }

        private sealed class Lines : ILogger
        {
            internal HashSet<string> Templates { get; } = new HashSet<string>();

            public IDisposable BeginScope<TState>(TState state)
            {
                return null;
            }

            public bool IsEnabled(LogLevel logLevel)
            {
                return true;
            }

            public void Log<TState>(
                LogLevel logLevel,
                EventId eventId,
                TState state,
                Exception exception,
                Func<TState, Exception, string> formatter)
            {
                if (state is IReadOnlyList<KeyValuePair<string, object>> values)
                {
                    lock (Templates)
                    {
                        Templates.Add((string)values[^1].Value);
                    }
                }
            }
        }

        private sealed class Loggers : ILoggerFactory
        {
            public void AddProvider(ILoggerProvider provider)
            {
            }

            public ILogger CreateLogger(string categoryName)
            {
                return new Lines();
            }

            public void Dispose()
            {
            }
        }
    }
}

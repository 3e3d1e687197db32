using System;
using System.Threading;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace GoDaddy.Asherah.Logging
{
    /// <summary>Holds the logger factory of the process. Safe to use from any thread.</summary>
    public static class LogManager
    {
        private static ILoggerFactory factory;

        /// <summary>Sets the logger factory, once.</summary>
        /// <param name="loggerFactory">The factory.</param>
        /// <exception cref="ArgumentNullException"><paramref name="loggerFactory"/> is null.</exception>
        /// <exception cref="LoggerFactoryExistsException">One has been set.</exception>
        public static void SetLoggerFactory(ILoggerFactory loggerFactory)
        {
            if (loggerFactory == null)
            {
                throw new ArgumentNullException(nameof(loggerFactory));
            }

            ILoggerFactory earlier = Interlocked.CompareExchange(ref factory, loggerFactory, null);
            if (earlier != null)
            {
                throw new LoggerFactoryExistsException(
                    "Cannot set the logger factory to " + loggerFactory.GetType().FullName + ": it has been set to " +
                    earlier.GetType().FullName + ".");
            }
        }

        /// <summary>Makes a logger of the factory; one that is silent where none has been set.</summary>
        /// <typeparam name="T">The type whose name is the category.</typeparam>
        /// <returns>The logger.</returns>
        public static ILogger CreateLogger<T>()
        {
            return (Volatile.Read(ref factory) ?? NullLoggerFactory.Instance).CreateLogger<T>();
        }
    }
}

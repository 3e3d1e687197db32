#pragma warning disable
using System;

namespace GoDaddy.Asherah.Logging
{
    public static class LogManager
    {
        public static Microsoft.Extensions.Logging.ILogger CreateLogger<T>() { throw null; }
        public static void SetLoggerFactory(Microsoft.Extensions.Logging.ILoggerFactory loggerFactory) { throw null; }
    }
}

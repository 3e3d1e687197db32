#pragma warning disable
using System;

namespace GoDaddy.Asherah.Logging
{
    public class LoggerFactoryExistsException : System.SystemException
    {
        public LoggerFactoryExistsException(string message) { throw null; }
    }
}

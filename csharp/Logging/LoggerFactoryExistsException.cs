using System;

namespace GoDaddy.Asherah.Logging
{
    /// <summary>The logger factory of the process has been set before.</summary>
    public class LoggerFactoryExistsException : SystemException
    {
        /// <summary>Makes an exception with a message.</summary>
        /// <param name="message">Which factory it is.</param>
        public LoggerFactoryExistsException(string message)
            : base(message)
        {
        }
    }
}

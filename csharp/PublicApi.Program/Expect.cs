using System;
using System.Collections.Generic;
using System.Runtime.CompilerServices;

namespace GoDaddy.Asherah.PublicApi.Program
{
    /// <summary>What must hold.</summary>
    internal static class Expect
    {
        internal static void True(bool condition, [CallerArgumentExpression(nameof(condition))] string text = null)
        {
            if (!condition)
            {
                throw new InvalidOperationException("Does not hold: " + text);
            }
        }

        internal static void Same<T>(
            T expected, T found, [CallerArgumentExpression(nameof(found))] string text = null)
        {
            if (!EqualityComparer<T>.Default.Equals(expected, found))
            {
                throw new InvalidOperationException(text + " is " + found + ", not " + expected);
            }
        }

        internal static TException Throws<TException>(
            Action action, [CallerArgumentExpression(nameof(action))] string text = null)
            where TException : Exception
        {
            try
            {
                action();
            }
            catch (TException e)
            {
                return e;
            }

            throw new InvalidOperationException("Threw nothing: " + text);
        }
    }
}

using System;
using System.Collections.Generic;

#pragma warning disable CA1822, CS0067, CS0649

namespace GoDaddy.Asherah.PublicApi.Tests.Changes.Before
{
    public enum Numbers
    {
        One = 1,
    }

    public class Members
    {
        public const int Constant = 1;

        public int Field;

        public event EventHandler Event;

        public int Setter { get; set; }

        public int Same { get; protected set; }

        public void Removed(int number) => throw null;

        public int Result() => throw null;

        public void Parameter(int value) => throw null;

        public void Name(int value) => throw null;

        public void Passing(ref int value) => throw null;

        public void Default(int value = 1) => throw null;

        public void Optional(string text = null) => throw null;

        public void Many(params int[] values) => throw null;

        public void Static() => throw null;

        public virtual void Virtual() => throw null;

        public void Access() => throw null;

        public void Constraint<T>()
            where T : class => throw null;

        public void Arity<T>() => throw null;

        public void Generic(List<int> list) => throw null;

        public void Nullable(int? number) => throw null;

        [Obsolete("It is.")]
        public void Attribute() => throw null;

        public void Types(int a) => throw null;

        public void SameMethod<T>(in T value, out int number) => throw null;
    }

    public class Sealed
    {
    }

    public class Bases : IDisposable
    {
        public void Dispose() => throw null;
    }

    public class Gone
    {
    }

    public class Generic<T>
        where T : class
    {
    }

    public class SameClass
    {
        internal void NotSeen() => throw null;
    }
}

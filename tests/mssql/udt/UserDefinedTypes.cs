using System;
using System.IO;

// No value here has an attribute of these: all that is needed is that they can be looked for.
namespace Microsoft.SqlServer.Server;

public enum Format
{
    Unknown,
    Native,
    UserDefined,
}

public interface IBinarySerialize
{
    void Read(BinaryReader r);

    void Write(BinaryWriter w);
}

[AttributeUsage(AttributeTargets.Class | AttributeTargets.Struct)]
public sealed class SqlUserDefinedTypeAttribute(Format format) : Attribute
{
    public Format Format => format;

    public int MaxByteSize { get; set; }

    public bool IsByteOrdered { get; set; }

    public bool IsFixedLength { get; set; }

    public string Name { get; set; }

    public string ValidationMethodName { get; set; }
}

public sealed class InvalidUdtException : SystemException;

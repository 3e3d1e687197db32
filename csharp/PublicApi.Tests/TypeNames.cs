using System;
using System.Collections.Immutable;
using System.Globalization;
using System.Linq;
using System.Reflection.Metadata;

namespace GoDaddy.Asherah.PublicApi.Tests
{
    /// <summary>Names of types as the lists write them: full, with C#'s own words for those that have one.</summary>
    internal sealed class TypeNames :
        ISignatureTypeProvider<string, TypeNames.Scope>,
        ICustomAttributeTypeProvider<string>
    {
        internal const string InitOnly = "void modreq(System.Runtime.CompilerServices.IsExternalInit)";

        private const string Nullable = "System.Nullable`1";

        public string GetPrimitiveType(PrimitiveTypeCode typeCode)
        {
            return typeCode switch
            {
                PrimitiveTypeCode.Boolean => "bool",
                PrimitiveTypeCode.Byte => "byte",
                PrimitiveTypeCode.SByte => "sbyte",
                PrimitiveTypeCode.Char => "char",
                PrimitiveTypeCode.Int16 => "short",
                PrimitiveTypeCode.UInt16 => "ushort",
                PrimitiveTypeCode.Int32 => "int",
                PrimitiveTypeCode.UInt32 => "uint",
                PrimitiveTypeCode.Int64 => "long",
                PrimitiveTypeCode.UInt64 => "ulong",
                PrimitiveTypeCode.Single => "float",
                PrimitiveTypeCode.Double => "double",
                PrimitiveTypeCode.String => "string",
                PrimitiveTypeCode.Object => "object",
                PrimitiveTypeCode.IntPtr => "nint",
                PrimitiveTypeCode.UIntPtr => "nuint",
                PrimitiveTypeCode.Void => "void",
                _ => "System." + typeCode,
            };
        }

        public string GetTypeFromDefinition(MetadataReader reader, TypeDefinitionHandle handle, byte rawTypeKind)
        {
            TypeDefinition type = reader.GetTypeDefinition(handle);
            string name = reader.GetString(type.Name);
            TypeDefinitionHandle outer = type.GetDeclaringType();
            return outer.IsNil
                ? Join(reader.GetString(type.Namespace), name)
                : GetTypeFromDefinition(reader, outer, rawTypeKind) + "." + name;
        }

        public string GetTypeFromReference(MetadataReader reader, TypeReferenceHandle handle, byte rawTypeKind)
        {
            TypeReference type = reader.GetTypeReference(handle);
            string name = reader.GetString(type.Name);
            if (type.ResolutionScope.Kind == HandleKind.TypeReference)
            {
                return GetTypeFromReference(reader, (TypeReferenceHandle)type.ResolutionScope, rawTypeKind) + "." + name;
            }

            name = Join(reader.GetString(type.Namespace), name);
            return name == "System.Decimal" ? "decimal" : name;
        }

        public string GetTypeFromSpecification(
            MetadataReader reader, Scope genericContext, TypeSpecificationHandle handle, byte rawTypeKind)
        {
            return reader.GetTypeSpecification(handle).DecodeSignature(this, genericContext);
        }

        public string GetSZArrayType(string elementType)
        {
            return elementType + "[]";
        }

        public string GetArrayType(string elementType, ArrayShape shape)
        {
            return elementType + "[" + new string(',', shape.Rank - 1) + "]";
        }

        public string GetByReferenceType(string elementType)
        {
            return elementType + "&";
        }

        public string GetPointerType(string elementType)
        {
            return elementType + "*";
        }

        public string GetPinnedType(string elementType)
        {
            return elementType;
        }

        public string GetFunctionPointerType(MethodSignature<string> signature)
        {
            return "delegate*<" + string.Join(", ", signature.ParameterTypes.Append(signature.ReturnType)) + ">";
        }

        public string GetGenericInstantiation(string genericType, ImmutableArray<string> typeArguments)
        {
            return genericType == Nullable ? typeArguments[0] + "?" : WithArguments(genericType, typeArguments);
        }

        public string GetGenericTypeParameter(Scope genericContext, int index)
        {
            return genericContext.TypeParameters[index];
        }

        public string GetGenericMethodParameter(Scope genericContext, int index)
        {
            return genericContext.MethodParameters[index];
        }

        public string GetModifiedType(string modifier, string unmodifiedType, bool isRequired)
        {
            return isRequired ? unmodifiedType + " modreq(" + modifier + ")" : unmodifiedType;
        }

        public string GetSystemType()
        {
            return "System.Type";
        }

        public bool IsSystemType(string type)
        {
            return type == "System.Type";
        }

        public string GetTypeFromSerializedName(string name)
        {
            return name;
        }

        public PrimitiveTypeCode GetUnderlyingEnumType(string type)
        {
            // Of all the attributes that are looked at, none has an enumeration that is not an int.
            return PrimitiveTypeCode.Int32;
        }

        /// <summary>Replaces the arity of each part of a name (<c>A`1.B`1</c>) by so many of the arguments.</summary>
        internal static string WithArguments(string name, ImmutableArray<string> arguments)
        {
            string[] parts = name.Split('.');
            int used = 0;
            for (int i = 0; i < parts.Length; i++)
            {
                int tick = parts[i].IndexOf('`', StringComparison.Ordinal);
                if (tick >= 0)
                {
                    int count = int.Parse(parts[i].AsSpan(tick + 1), NumberStyles.None, CultureInfo.InvariantCulture);
                    parts[i] = parts[i].Substring(0, tick) + "<" +
                        string.Join(", ", arguments.Skip(used).Take(count)) + ">";
                    used += count;
                }
            }

            return string.Join(".", parts);
        }

        internal string Of(MetadataReader reader, EntityHandle handle, Scope scope)
        {
            return handle.Kind switch
            {
                HandleKind.TypeDefinition => GetTypeFromDefinition(reader, (TypeDefinitionHandle)handle, 0),
                HandleKind.TypeReference => GetTypeFromReference(reader, (TypeReferenceHandle)handle, 0),
                HandleKind.TypeSpecification => GetTypeFromSpecification(
                    reader, scope, (TypeSpecificationHandle)handle, 0),
                _ => throw new ArgumentException("It is no type.", nameof(handle)),
            };
        }

        private static string Join(string space, string name)
        {
            return space.Length == 0 ? name : space + "." + name;
        }

        /// <summary>The names of the type parameters that a signature may mention.</summary>
        internal sealed record Scope(ImmutableArray<string> TypeParameters, ImmutableArray<string> MethodParameters);
    }
}

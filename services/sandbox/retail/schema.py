"""The entities of the data API: columns in the order shown, sort fields, relations, rights (chapter 4)."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from services.sandbox.retail.values import Kind


@dataclass(frozen=True)
class Relation:
    """`local` is this row's column, `remote` that of the rows it finds in `target`."""

    name: str
    target: str
    local: str
    remote: str
    many: bool = False


@dataclass(frozen=True)
class Entity:
    name: str
    key: str
    columns: Mapping[str, Kind]
    optional: frozenset[str]
    sort: tuple[str, ...]
    relations: Mapping[str, Relation] = field(default_factory=dict)
    read_scopes: tuple[str, ...] = ()
    write_scopes: tuple[str, ...] = ()

    @property
    def archives(self) -> bool:
        return "archived" in self.columns


def _columns(text: str) -> tuple[dict[str, Kind], frozenset[str]]:
    """`name:kind`; a name that ends with ID is an id, otherwise text; `?` = shown only when set."""
    kinds: dict[str, Kind] = {}
    optional = set()
    for word in text.split():
        name, _, kind = word.partition(":")
        if kind.endswith("?"):
            optional.add(name)
        short = kind.rstrip("?")
        kinds[name] = Kind(short) if short else (Kind.ID if name.endswith("ID") else Kind.TEXT)
    return kinds, frozenset(optional)


def _relations(text: str) -> dict[str, Relation]:
    """`Name>Target.local=remote`, a star after the name for a collection."""
    found = {}
    for word in text.split():
        name, _, rest = word.partition(">")
        target, _, join = rest.partition(".")
        local, _, remote = join.partition("=")
        plain = name.rstrip("*")
        found[plain] = Relation(plain, target, local, remote or local, many=name.endswith("*"))
    return found


def _entity(
    name: str, columns: str, *, sort: str = "", relations: str = "", read: str = "", write: str = ""
) -> Entity:
    kinds, optional = _columns(columns)
    key = next(iter(kinds))
    return Entity(
        name,
        key,
        kinds,
        optional,
        tuple(sort.split()) or (key,),
        _relations(relations),
        tuple(read.split()),
        tuple(write.split()),
    )


_REGISTER = "register register_read register_refund register_layaway admin_void_sale"
_CUSTOMERS = "customers customers_read"
_INVENTORY = "inventory inventory_read product_edit"
_TAXES = f"admin_purchases {_REGISTER} {_INVENTORY}"

_ENTITIES = (
    _entity(
        "Sale",
        "saleID timeStamp:t discountPercent:d completed:b archived:b voided:b enablePromotions:b "
        "isTaxInclusive:b createTime:t updatetime:t completeTime:t referenceNumber "
        "referenceNumberSource tax1Rate:d tax2Rate:d change:d tipEnabled:b receiptPreference "
        "displayableSubtotal:d ticketNumber calcDiscount:d calcTotal:d calcSubtotal:d calcTaxable:d "
        "calcNonTaxable:d calcAvgCost:d calcFIFOCost:d calcTax1:d calcTax2:d calcPayments:d calcTips:d "
        "cashRoundingDelta:d? cashRoundedTotal:d? cashRoundedBalance:d? total:d totalDue:d "
        "displayableTotal:d balance:d customerID discountID employeeID tipEmployeeID quoteID "
        "registerID shipToID shopID taxCategoryID taxTotal:d",
        sort="saleID timeStamp completeTime updatetime",
        relations="SaleLines*>SaleLine.saleID SaleNotes>SaleNote.saleID "
        "SalePayments*>SalePayment.saleID ShipTo>ShipTo.shipToID "
        "Customer>Customer.customerID Discount>Discount.discountID "
        "TaxCategory>TaxCategory.taxCategoryID Quote>Quote.quoteID",
        read=_REGISTER,
        write="register",
    ),
    _entity(
        "SaleLine",
        "saleLineID createTime:t timeStamp:t unitQuantity:d unitPrice:d normalUnitPrice:d "
        "discountAmount:d discountPercent:d avgCost:d fifoCost:d tax:b tax1Rate:d tax2Rate:d "
        "isLayaway:b isWorkorder:b isSpecialOrder:b displayableSubtotal:d displayableUnitPrice:d "
        "lineType calcLineDiscount:d calcTransactionDiscount:d calcTotal:d calcSubtotal:d calcTax1:d "
        "calcTax2:d taxClassID customerID discountID employeeID itemID noteID parentSaleLineID shopID "
        "taxCategoryID saleID itemFeeID",
        sort="saleLineID timeStamp saleID",
        relations="Discount>Discount.discountID TaxClass>TaxClass.taxClassID "
        "TaxCategory>TaxCategory.taxCategoryID Note>Note.noteID Item>Item.itemID "
        "InventorySales*>InventorySale.saleLineID",
        read=_REGISTER,
    ),
    _entity(
        "SalePayment",
        "salePaymentID amount:d tipAmount:d createTime:t archived:b remoteReference paymentID:s "
        "cashRoundingDelta:d? saleID paymentTypeID ccChargeID refPaymentID registerID employeeID "
        "creditAccountID",
        sort="salePaymentID timeStamp saleID",
        relations="PaymentType>PaymentType.paymentTypeID CCCharge>CCCharge.ccChargeID "
        "SaleAccounts*>SaleAccount.salePaymentID Signatures*>Signature.salePaymentID",
        read=_REGISTER,
    ),
    _entity("SaleAccount", "saleAccountID creditAccountID salePaymentID saleLineID"),
    _entity("Signature", "signatureID salePaymentID"),
    _entity("CCCharge", "ccChargeID xnum cardType amount:d declined:b timeStamp:t saleID", read=_REGISTER),
    _entity("InventorySale", "inventorySaleID quantity:d cost:d saleLineID"),
    _entity("Note", "noteID note isPublic:b timeStamp:t"),
    _entity("SaleNote", "saleNoteID saleID InternalNote:x? PrintedNote:x?"),
    _entity("ShipTo", "shipToID firstName lastName company contactID", relations="Contact>Contact.contactID"),
    _entity("Quote", "quoteID issueDate:t notes archived:b employeeID saleID", read=_REGISTER),
    _entity(
        "SaleVoid",
        "saleVoidID createTime:t reason saleID employeeID shopID",
        sort="saleVoidID saleID",
        read="admin_void_sale",
    ),
    _entity(
        "PaymentType",
        "paymentTypeID code name requireCustomer:b archived:b internalReserved:b type refundAsPaymentTypeID",
        read=f"admin_purchases {_REGISTER}",
        write="admin_purchases",
    ),
    _entity(
        "Customer",
        "customerID firstName lastName dob:t archived:b title company companyRegistrationNumber "
        "vatNumber createTime:t timeStamp:t contactID creditAccountID customerTypeID discountID "
        "employeeID noteID taxCategoryID",
        sort="customerID timeStamp firstName lastName",
        relations="Contact>Contact.contactID CustomerType>CustomerType.customerTypeID "
        "Discount>Discount.discountID Note>Note.noteID TaxCategory>TaxCategory.taxCategoryID "
        "CreditAccount>CreditAccount.creditAccountID Tags*>Tag.customerID "
        "CustomFieldValues*>CustomFieldValue.customerID",
        read=_CUSTOMERS,
        write="customers",
    ),
    _entity("Tag", "tagID name customerID itemID"),
    _entity(
        "CustomFieldValue", "customFieldValueID customFieldID name type value timeStamp:t customerID itemID"
    ),
    _entity(
        "Contact",
        "contactID custom noEmail:b noPhone:b noMail:b timeStamp:t Addresses:x Phones:x Emails:x Websites:x",
        sort="contactID timeStamp",
        read=_CUSTOMERS,
    ),
    _entity(
        "CustomerType",
        "customerTypeID name taxCategoryID discountID",
        relations="TaxCategory>TaxCategory.taxCategoryID Discount>Discount.discountID",
        read=_CUSTOMERS,
        write="customers",
    ),
    _entity(
        "CreditAccount",
        "creditAccountID name code creditLimit:d description giftCard:b archived:b timeStamp:t "
        "customerID contactID balance:d",
        sort="creditAccountID timeStamp customerID",
        relations="Contact>Contact.contactID WithdrawalPayments*>SalePayment.creditAccountID",
        read=f"{_CUSTOMERS} register register_read",
        write="customers",
    ),
    _entity(
        "Item",
        "itemID systemSku defaultCost:d avgCost:d discountable:b tax:b archived:b itemType "
        "serialized:b description modelYear:d upc ean customSku manufacturerSku createTime:t "
        "timeStamp:t publishToEcom:b categoryID taxClassID departmentID itemMatrixID manufacturerID "
        "seasonID defaultVendorID itemECommerceID noteID Prices:x",
        sort="itemID timeStamp description",
        relations="Category>Category.categoryID TaxClass>TaxClass.taxClassID "
        "Manufacturer>Manufacturer.manufacturerID Note>Note.noteID ItemAttributes>ItemAttributes.itemID "
        "ItemShops*>ItemShop.itemID Images*>Image.itemID "
        "ItemVendorNums*>ItemVendorNum.itemID ItemComponents*>ItemComponent.itemID "
        "TagRelations*>Tag.itemID CustomFieldValues*>CustomFieldValue.itemID",
        read=_INVENTORY,
        write="product_edit inventory",
    ),
    _entity(
        "Manufacturer", "manufacturerID name createTime:t timeStamp:t", read=_INVENTORY, write="manufacturers"
    ),
    _entity("Image", "imageID itemID publicID:s baseImageURL", read=_INVENTORY),
    _entity("ItemVendorNum", "itemVendorNumID value cost:d itemID vendorID timeStamp:t", read=_INVENTORY),
    _entity(
        "ItemComponent", "itemComponentID quantity:d componentGroup:d assemblyItemID componentItemID itemID"
    ),
    _entity(
        "ItemShop",
        "itemShopID qoh:d sellable:d backorder:d componentQoh:d componentBackorder:d onLayaway:d "
        "onSpecialOrder:d onWorkorder:d onTransferOut:d onTransferIn:d averageCost:d? totalValueFifo:d "
        "totalValueAvgCost:d totalValueNegativeInventory:d lastReceivedCost:d lastReceivedLotID "
        "nextFifoLotCost:d nextFifoLotID reorderPoint:d reorderLevel:d timeStamp:t itemID shopID",
        sort="itemShopID timeStamp",
        read=_INVENTORY,
        write="inventory product_edit",
    ),
    _entity(
        "ItemMatrix",
        "itemMatrixID description tax:b defaultCost:d itemType serialized:b modelYear:d archived:b "
        "timeStamp:t itemAttributeSetID manufacturerID categoryID defaultVendorID taxClassID seasonID "
        "departmentID",
        sort="itemMatrixID timeStamp description",
        relations="Items*>Item.itemMatrixID Category>Category.categoryID",
        read=_INVENTORY,
        write="product_edit inventory",
    ),
    _entity(
        "ItemAttributes",
        "itemAttributesID attribute1 attribute2 attribute3 itemAttributeSetID itemID",
        relations="ItemAttributeSet>ItemAttributeSet.itemAttributeSetID",
        read=_INVENTORY,
    ),
    _entity(
        "ItemAttributeSet",
        "itemAttributeSetID name attributeName1 attributeName2 attributeName3 system:b archived:b",
        read=_INVENTORY,
    ),
    _entity(
        "InventoryCount",
        "inventoryCountID name timeStamp:t archived:b shopID",
        sort="inventoryCountID timeStamp",
        read=_INVENTORY,
        write="inventory inventory_counts",
    ),
    _entity(
        "InventoryCountItem",
        "inventoryCountItemID qty:d timeStamp:t inventoryCountID itemID employeeID",
        sort="inventoryCountItemID timeStamp",
        read=_INVENTORY,
        write="inventory inventory_counts",
    ),
    _entity(
        "InventoryCountCalc",
        "inventoryCountCalcID calcQoh:d countedQoh:d timeStamp:t inventoryCountID itemID",
        sort="inventoryCountCalcID timeStamp",
        read=_INVENTORY,
    ),
    _entity(
        "InventoryCountReconcile",
        "inventoryCountReconcileID costChange:d qohChange:d createTime:t inventoryCountID itemID",
        read=_INVENTORY,
        write="inventory inventory_counts",
    ),
    _entity(
        "InventoryLog",
        "inventoryLogID qohChange:d costChange:d createTime:t automated:b reason causedNegative:b "
        "employeeID itemID shopID orderID transferID saleID inventoryCountID customerID vendorReturnID "
        "itemImportID",
        sort="inventoryLogID itemID",
        read=_INVENTORY,
    ),
    _entity(
        "Category",
        "categoryID name nodeDepth:d fullPathName leftNode:d rightNode:d createTime:t timeStamp:t parentID",
        sort="categoryID timeStamp leftNode rightNode",
        relations="Parent>Category.parentID=categoryID",
        read=f"categories {_INVENTORY}",
        write="categories",
    ),
    _entity(
        "TaxCategory",
        "taxCategoryID isTaxInclusive:b tax1Name tax2Name tax1Rate:d tax2Rate:d timeStamp:t",
        relations="TaxCategoryClasses*>TaxCategoryClass.taxCategoryID",
        read=_TAXES,
        write="admin_purchases",
    ),
    _entity(
        "TaxCategoryClass",
        "taxCategoryClassID tax1Rate:d tax2Rate:d timeStamp:t taxCategoryID taxClassID",
        relations="TaxClass>TaxClass.taxClassID",
        read=_TAXES,
    ),
    _entity(
        "TaxClass", "taxClassID name classType timeStamp:t", read=_TAXES, write="admin_purchases product_edit"
    ),
    _entity(
        "Shop",
        "shopID name serviceRate:d timeZone taxLabor:b labelTitle labelMsrp:b archived:b timeStamp:t "
        "companyRegistrationNumber vatNumber zebraBrowserPrint:b contactID taxCategoryID "
        "receiptSetupID vendorID ccGatewayID gatewayConfigID priceLevelID",
        relations="Contact>Contact.contactID TaxCategory>TaxCategory.taxCategoryID "
        "Registers*>Register.shopID PriceLevel>PriceLevel.priceLevelID",
    ),
    _entity("PriceLevel", "priceLevelID name archived:b canBeArchived:b type Calculation:x"),
    _entity(
        "Register",
        "registerID name open:b openTime:t archived:b tipEnabled:b openEmployeeID shopID ccTerminalID",
    ),
    _entity(
        "RegisterCount",
        "registerCountID createTime:t openTime:t notes registerID openEmployeeID closeEmployeeID",
        relations="RegisterCountAmounts*>RegisterCountAmount.registerCountID",
        read=_REGISTER,
    ),
    _entity(
        "RegisterCountAmount",
        "registerCountAmountID calculated:d actual:d registerCountID paymentTypeID",
        sort="registerCountAmountID registerCountID",
        relations="PaymentType>PaymentType.paymentTypeID",
        read=_REGISTER,
    ),
    _entity(
        "RegisterWithdraw",
        "registerWithdrawID amount:d createTime:t notes employeeID paymentTypeID registerID",
        read=_REGISTER,
        write="register",
    ),
    _entity(
        "Discount",
        "discountID name discountAmount:d discountPercent:d requireCustomer:b archived:b sourceID "
        "createTime:t timeStamp:t",
        read=f"admin_purchases {_REGISTER}",
        write="admin_purchases",
    ),
    _entity(
        "ItemFee",
        "itemFeeID name calculationMethod feeValue:d taxable:b discountable:b nonRefundable:b "
        "archived:b createTime:t timestamp:t",
        read=_INVENTORY,
    ),
    _entity(
        "Employee",
        "employeeID firstName lastName lockOut:b archived:b contactID systemUserID "
        "clockInEmployeeHoursID employeeRoleID limitToShopID lastShopID lastSaleID lastRegisterID "
        "timeStamp:t",
        sort="employeeID timeStamp",
    ),
)

ENTITIES: Mapping[str, Entity] = {entity.name: entity for entity in _ENTITIES}

SERVED = frozenset(ENTITIES) - {
    "SaleAccount",
    "Signature",
    "InventorySale",
    "Note",
    "SaleNote",
    "Tag",
    "Image",
    "ItemAttributes",
    "ItemAttributeSet",
}


def indexed_columns(name: str) -> frozenset[str]:
    """The columns by which relations look rows of this entity up, its key apart."""
    remote = {
        relation.remote
        for entity in _ENTITIES
        for relation in entity.relations.values()
        if relation.target == name and relation.many
    }
    if name == "Item":
        remote |= {"customSku", "upc", "ean"}
    if name.startswith("InventoryCount"):
        remote.add("inventoryCountID")
    if name == "SaleNote":
        remote.add("saleID")
    if name == "SaleLine":
        remote.add("parentSaleLineID")
    return frozenset(remote - {ENTITIES[name].key})
